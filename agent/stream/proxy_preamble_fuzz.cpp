// SPDX-License-Identifier: Apache-2.0
// The input is a preamble.
#include <cstdint>
#include <cstdlib>

#include "agent/stream/proxy_preamble.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto client = weft::proxied_client({reinterpret_cast<const char*>(data), size});
  if (client && client->text().empty() && client->port != 0) std::abort();
  return 0;
}

// SPDX-License-Identifier: Apache-2.0
// Any input gives few facts, short and printable.
#include <cstdlib>

#include "probes/storage/file/entry_json.h"

namespace {

void expect_fit(std::string_view text) {
  if (text.size() > 128) abort();
  for (const char c : text) {
    if (c < ' ' || c > '~') abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto all = weft::engine::file::read_entries(text);
  if (all.size() > size / 2) abort();  // an object takes at least two bytes
  for (const auto& facts : all) {
    if (facts.empty()) abort();
    for (const auto& field :
         {facts.id, facts.type, facts.backend, facts.status, facts.error_type}) {
      expect_fit(field);
    }
  }
  return 0;
}

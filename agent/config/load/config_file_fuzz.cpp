// SPDX-License-Identifier: Apache-2.0
// The input is a declarative file. An accepted one must print as an accepted file, which prints the
// same again.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "agent/config/load/load.h"
#include "agent/config/load/print.h"
#include "agent/config/test_kinds.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const weft::Environment environment{{"A", "1"}, {"B", "${A}"}, {"C", "x: y\n- z"}};
  const auto kinds = weft::testing::kinds();
  const std::string text(reinterpret_cast<const char*>(data), size);
  const weft::Checked first = weft::check(text, "fuzz", environment, kinds);
  for (const std::string& error : first.errors) {
    if (error.find('\n') != std::string::npos) std::abort();
  }
  if (!first.errors.empty()) return 0;
  const std::string printed = weft::to_yaml(first.config, kinds, true);
  const weft::Checked second = weft::check(printed, "fuzz", {}, kinds);
  if (!second.errors.empty()) std::abort();
  if (weft::to_yaml(second.config, kinds, true) != printed) std::abort();
  return 0;
}

// SPDX-License-Identifier: Apache-2.0
// Data that a process controls (executable, arguments, OTEL_* variables) becomes a resource: the
// name must never be empty, and every value UTF-8.
#include <array>
#include <cstdlib>

#include "agent/base/semconv.h"
#include "agent/base/utf8.h"
#include "agent/discover/proc/proc_file.h"
#include "agent/discover/resource.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static constexpr std::array kExecutables{"python3", "node", "java", "ruby", "php", "dotnet"};
  static const weft::Config config;
  static weft::CounterSet counters;
  static weft::ResourceBuilder builder(config, {}, counters);
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  weft::ProcessFacts facts;
  facts.args = weft::parse_args(text);
  facts.environment = weft::parse_environment(text, false);
  facts.cwd = facts.args.empty() ? "" : facts.args.back();
  const size_t which = data[0] % (kExecutables.size() + 1);
  facts.exe = which < kExecutables.size() ? kExecutables[which] : facts.cwd;
  const weft::ResourcePtr resource = builder.build(facts);
  if (resource->attributes.text(weft::semconv::kServiceName).empty()) std::abort();
  for (const weft::Attribute& a : resource->attributes) {
    const auto* value = std::get_if<std::string>(&a.value);
    if (value && weft::to_utf8(*value) != *value) std::abort();
  }
  return 0;
}

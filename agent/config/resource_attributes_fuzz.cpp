// SPDX-License-Identifier: Apache-2.0
// The input as OTEL_RESOURCE_ATTRIBUTES and as OTEL_EXPORTER_OTLP_HEADERS.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "agent/config/text.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto pairs = weft::parse_resource_attributes(text)) {
    for (const auto& [key, value] : *pairs) {
      if (key.empty() || !weft::valid_utf8(key) || !weft::valid_utf8(value)) std::abort();
    }
  }
  if (const auto headers = weft::parse_headers(text)) {
    for (const auto& [name, value] : *headers) {
      if (!weft::is_header_name(name) || !weft::is_header_value(value)) std::abort();
    }
  }
  if (!weft::valid_utf8(weft::shown(text))) std::abort();
  return 0;
}

// SPDX-License-Identifier: Apache-2.0
#include "exporters/xray/ids.h"

namespace weft::xray {

std::string to_xray(const TraceId& id) {
  std::string text = id.hex();
  text.reserve(35);
  return text.insert(8, 1, '-').insert(0, "1-");
}

std::optional<TraceId> from_xray(std::string_view text) {
  if (text.size() != 35 || !text.starts_with("1-") || text[10] != '-') return std::nullopt;
  return TraceId::parse(std::string(text.substr(2, 8)).append(text.substr(11)));
}

}  // namespace weft::xray

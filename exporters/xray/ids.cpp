// SPDX-License-Identifier: Apache-2.0
#include "exporters/xray/ids.h"

#include <span>

namespace weft::xray {

namespace {

char* put_hex(char* at, std::span<const uint8_t> bytes) {
  static constexpr char kDigits[] = "0123456789abcdef";
  for (const uint8_t byte : bytes) {
    *at++ = kDigits[byte >> 4];
    *at++ = kDigits[byte & 15];
  }
  return at;
}

}  // namespace

TraceIdText::TraceIdText(const TraceId& id) {
  const std::span<const uint8_t> bytes(id.bytes);
  char* at = chars.data();
  *at++ = '1';
  *at++ = '-';
  at = put_hex(at, bytes.first(4));
  *at++ = '-';
  put_hex(at, bytes.subspan(4));
}

SpanIdText::SpanIdText(const SpanId& id) {
  put_hex(chars.data(), id.bytes);
}

std::string to_xray(const TraceId& id) {
  return std::string(TraceIdText(id).view());
}

std::optional<TraceId> from_xray(std::string_view text) {
  if (text.size() != 35 || !text.starts_with("1-") || text[10] != '-') return std::nullopt;
  return TraceId::parse(std::string(text.substr(2, 8)).append(text.substr(11)));
}

}  // namespace weft::xray

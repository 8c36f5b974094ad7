// SPDX-License-Identifier: Apache-2.0
#include "agent/base/utf8.h"

#include <cstdint>
#include <cstring>

namespace weft {
namespace {

// The range of a sequence's second byte excludes overlong forms, surrogates and code
// points beyond U+10FFFF; later bytes are plain continuations.
struct Lead {
  size_t length;
  uint8_t low;
  uint8_t high;
};

Lead classify(uint8_t b) {
  if (b < 0x80) return {1, 0, 0};
  if (b < 0xc2) return {0, 0, 0};
  if (b < 0xe0) return {2, 0x80, 0xbf};
  if (b < 0xf0)
    return {3, b == 0xe0 ? uint8_t{0xa0} : uint8_t{0x80},
            b == 0xed ? uint8_t{0x9f} : uint8_t{0xbf}};
  if (b < 0xf5)
    return {4, b == 0xf0 ? uint8_t{0x90} : uint8_t{0x80},
            b == 0xf4 ? uint8_t{0x8f} : uint8_t{0xbf}};
  return {0, 0, 0};
}

// Length of the well-formed sequence at the front, 0 if there is none.
size_t sequence(std::string_view rest) {
  const Lead lead = classify(static_cast<uint8_t>(rest[0]));
  if (lead.length <= 1) return lead.length;
  if (rest.size() < lead.length) return 0;
  const auto second = static_cast<uint8_t>(rest[1]);
  if (second < lead.low || second > lead.high) return 0;
  for (size_t i = 2; i < lead.length; ++i) {
    if ((static_cast<uint8_t>(rest[i]) & 0xc0) != 0x80) return 0;
  }
  return lead.length;
}

}  // namespace

bool is_ascii(std::string_view bytes) {
  while (bytes.size() >= 8) {
    uint64_t word;
    std::memcpy(&word, bytes.data(), 8);
    if (word & 0x8080808080808080u) return false;
    bytes.remove_prefix(8);
  }
  for (const char c : bytes) {
    if (static_cast<uint8_t>(c) >= 0x80) return false;
  }
  return true;
}

std::string to_utf8(std::string_view bytes) {
  if (is_ascii(bytes)) return std::string(bytes);
  std::string out;
  out.reserve(bytes.size() + 8);
  while (!bytes.empty()) {
    const size_t n = sequence(bytes);
    out += n == 0 ? std::string_view("\xef\xbf\xbd") : bytes.substr(0, n);
    bytes.remove_prefix(n == 0 ? 1 : n);
  }
  return out;
}

}  // namespace weft

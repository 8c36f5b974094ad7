// SPDX-License-Identifier: Apache-2.0
#include "exporters/otlp/encode/json_text.h"

#include <cmath>
#include <cstdint>

#include "exporters/otlp/encode/text.h"

namespace weft::otlp {
namespace {

constexpr uint64_t every(uint8_t byte) {
  return 0x0101010101010101u * byte;
}

constexpr uint64_t kHighBits = every(0x80);

// Nonzero if some byte of the word is 0.
constexpr uint64_t has_zero(uint64_t word) {
  return (word - every(1)) & ~word & kHighBits;
}

constexpr bool is_plain(uint64_t word) {
  const uint64_t below_space = (word - every(0x20)) & ~word;
  const uint64_t quote = has_zero(word ^ every('"'));
  const uint64_t backslash = has_zero(word ^ every('\\'));
  const uint64_t del = has_zero(word ^ every(0x7f));
  return ((word | below_space | quote | backslash | del) & kHighBits) == 0;
}

bool is_plain(char c) {
  return c >= 0x20 && c < 0x7f && c != '"' && c != '\\';
}

bool copy_if_plain(char* to, const char* from) {
  uint64_t word;
  std::memcpy(&word, from, 8);
  if (!is_plain(word)) return false;
  std::memcpy(to, &word, 8);
  return true;
}

// Copies 4 to 7 bytes; the middle ones are copied twice.
bool copy_halves_if_plain(char* to, const char* from, size_t size) {
  uint32_t first, last;
  std::memcpy(&first, from, 4);
  std::memcpy(&last, from + size - 4, 4);
  if (!is_plain(first | uint64_t{last} << 32)) return false;
  std::memcpy(to, &first, 4);
  std::memcpy(to + size - 4, &last, 4);
  return true;
}

void append_escaped(std::string& out, char c) {
  static constexpr char kHex[] = "0123456789abcdef";
  static constexpr std::string_view kShort = "\"\\\n\r\t";
  static constexpr std::string_view kLetters = "\"\\nrt";
  if (const size_t i = kShort.find(c); i != std::string_view::npos) {
    out += '\\';
    out += kLetters[i];
    return;
  }
  const auto byte = static_cast<unsigned char>(c);
  out += "\\u00";
  out += kHex[byte >> 4];
  out += kHex[byte & 15];
}

bool may_stay(char c) {
  return is_plain(c) || static_cast<unsigned char>(c) >= 0x80;
}

void append_valid(std::string& out, std::string_view text) {
  while (!text.empty()) {
    size_t n = 0;
    while (n < text.size() && may_stay(text[n])) ++n;
    out += text.substr(0, n);
    text.remove_prefix(n);
    if (text.empty()) return;
    append_escaped(out, text.front());
    text.remove_prefix(1);
  }
}

}  // namespace

char* copy_plain(char* to, std::string_view text) {
  const char* from = text.data();
  const char* const end = from + text.size();
  for (; end - from >= 8 && copy_if_plain(to, from); from += 8, to += 8) {
  }
  const auto left = static_cast<size_t>(end - from);
  // A short rest is copied together with bytes before it, which are copied again.
  if (left < 8 && text.size() >= 8 && copy_if_plain(to + left - 8, end - 8)) return to + left;
  if (text.size() < 8 && left >= 4 && copy_halves_if_plain(to, from, left)) return to + left;
  while (from != end && is_plain(*from)) *to++ = *from++;
  return to;
}

void append_inside(std::string& out, std::string_view text) {
  append_valid(out, Utf8(text).view());
}

void append_double(std::string& out, double value) {
  if (std::isnan(value)) {
    out += "NaN";
  } else if (std::isinf(value)) {
    out += value > 0 ? "Infinity" : "-Infinity";
  } else {
    append_number(out, value);
  }
}

}  // namespace weft::otlp

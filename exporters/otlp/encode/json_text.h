// SPDX-License-Identifier: Apache-2.0
// Appends pieces of JSON text to a string with one capacity check each: spans are mostly short
// strings, and this is where an encoder spends its time.
#pragma once

#include <charconv>
#include <concepts>
#include <cstring>
#include <string>
#include <string_view>

#include "agent/base/ids.h"

namespace weft::otlp {

// Copies up to the first byte that needs escaping or checking in JSON (control characters, " and \,
// anything outside ASCII) and returns the end of the copy. `to` must have room for text.size().
char* copy_plain(char* to, std::string_view text);

// Appends the text as the inside of a JSON string: repaired to UTF-8, escaped.
void append_inside(std::string& out, std::string_view text);

// Appends before + text + after, the text as the inside of a JSON string.
inline void append_string(std::string& out, std::string_view before, std::string_view text,
                          std::string_view after) {
  const size_t begin = out.size();
  size_t copied = 0;
  const auto write = [&](char* data, size_t) {
    char* const at = data + begin + before.copy(data + begin, before.size());
    copied = static_cast<size_t>(copy_plain(at, text) - at);
    char* const end = at + copied;
    if (copied == text.size())
      return static_cast<size_t>(end - data) + after.copy(end, after.size());
    return static_cast<size_t>(end - data);
  };
  out.resize_and_overwrite(begin + before.size() + text.size() + after.size(), write);
  if (copied == text.size()) return;
  append_inside(out, text.substr(copied));
  out += after;
}

template <class Number>
requires std::integral<Number> || std::floating_point<Number>
void append_number(std::string& out, Number value) {
  char digits[32];
  out.append(digits, std::to_chars(digits, digits + sizeof digits, value).ptr);
}

// A double as text: the shortest that reads back as the same; NaN, Infinity, -Infinity.
void append_double(std::string& out, double value);

template <size_t N>
void append_hex(std::string& out, const Id<N>& id) {
  static constexpr char kDigits[] = "0123456789abcdef";
  char digits[2 * N];
  for (size_t i = 0; i < N; ++i) {
    digits[2 * i] = kDigits[id.bytes[i] >> 4];
    digits[2 * i + 1] = kDigits[id.bytes[i] & 15];
  }
  out.append(digits, sizeof digits);
}

}  // namespace weft::otlp

// SPDX-License-Identifier: Apache-2.0
#include "agent/metrics/file_label.h"

#include <algorithm>

namespace weft::metrics {
namespace {

constexpr size_t kHexWord = 4;  // shorter ones are words: "db2", "1a"

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool is_hex(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

bool is_word(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool is_number(std::string_view word) {
  return word.size() >= kHexWord && std::ranges::all_of(word, is_hex) &&
         std::ranges::any_of(word, is_digit);
}

void add_word(std::string_view word, std::string& out) {
  if (is_number(word)) {
    out += '*';
    return;
  }
  bool in_digits = false;
  for (const char c : word) {
    if (!is_digit(c)) out += c;
    if (is_digit(c) && !in_digits) out += '*';
    in_digits = is_digit(c);
  }
}

}  // namespace

std::string file_label(std::string_view path) {
  const size_t base = path.rfind('/') + 1;  // npos + 1 is 0
  if (path.ends_with("-wal") || path.ends_with("-journal")) return std::string(path);
  std::string out(path.substr(0, base));
  for (size_t i = base; i < path.size();) {
    const size_t begin = i;
    while (i < path.size() && is_word(path[i])) ++i;
    add_word(path.substr(begin, i - begin), out);
    if (i < path.size()) out += path[i++];
  }
  return out;
}

}  // namespace weft::metrics

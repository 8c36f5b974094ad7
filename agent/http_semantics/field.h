// SPDX-License-Identifier: Apache-2.0
// A field of an HTTP head, as a name and a value: what every version of HTTP has in common. Pure
// functions; views point into the argument.
#pragma once

#include <string_view>

namespace weft::http_semantics {

struct Field {
  std::string_view name;   // as sent: not checked to be a token; HTTP/2's pseudo fields have ":"
  std::string_view value;  // without surrounding blanks
};

inline bool is_blank(char c) {
  return c == ' ' || c == '\t';
}
inline std::string_view strip_blanks(std::string_view text) {
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

// Two texts of the same length.
bool same_letters(std::string_view name, std::string_view lower);
// Compares ignoring ASCII case; `lower` must be in lower case.
inline bool same_name(std::string_view name, std::string_view lower) {
  return name.size() == lower.size() && same_letters(name, lower);
}

}  // namespace weft::http_semantics

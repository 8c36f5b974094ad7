// SPDX-License-Identifier: Apache-2.0
#include "agent/sql/quotes.h"

namespace weft::sql {
namespace {

constexpr size_t kNone = std::string_view::npos;

size_t past(size_t found, size_t length) {
  return found == kNone ? kNone : found + length;
}

char closing(char opening) {
  switch (opening) {
    case '[':
      return ']';
    case '(':
      return ')';
    case '{':
      return '}';
    case '<':
      return '>';
    default:
      return opening;
  }
}

}  // namespace

size_t close_doubled(std::string_view text, size_t from, char quote) {
  size_t at = text.find(quote, from);
  while (at != kNone && at + 1 < text.size() && text[at + 1] == quote) {
    at = text.find(quote, at + 2);
  }
  return past(at, 1);
}

size_t close_escaped(std::string_view text, size_t from, char quote) {
  for (size_t at = from; at < text.size(); ++at) {
    if (text[at] == '\\') {
      ++at;
    } else if (text[at] == quote) {
      if (at + 1 == text.size() || text[at + 1] != quote) return at + 1;
      ++at;
    }
  }
  return kNone;
}

size_t close_certain(std::string_view text, size_t from, char quote) {
  const size_t end = close_doubled(text, from, quote);
  if (end == kNone || text.substr(from, end - from).find('\\') == kNone) return end;
  return close_escaped(text, from, quote) == end ? end : kNone;
}

size_t close_dollar(std::string_view text, size_t from, std::string_view opening) {
  return past(text.find(opening, from), opening.size());
}

size_t close_alternative(std::string_view text, size_t from) {
  if (from >= text.size()) return kNone;
  const char close[] = {closing(text[from]), '\''};
  return past(text.find({close, sizeof close}, from + 1), sizeof close);
}

}  // namespace weft::sql

// SPDX-License-Identifier: Apache-2.0
#include "probes/protocol/memcached/statement.h"

#include <algorithm>

#include "agent/base/utf8.h"

namespace weft::protocol::memcached {
namespace {

constexpr std::string_view kMore = " …";
constexpr std::string_view kHidden = "?";
constexpr size_t kMaxWord = 16;  // "detail", "cachedump", "metadump"

bool is_plain(std::string_view text) {
  return std::ranges::all_of(text, [](char c) {
    return static_cast<unsigned char>(c) > ' ' && c != '"' && c != '\'' && c != '\\' && c != 127;
  });
}

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

// The text's beginning, without a character that the cut goes through.
std::string cut(std::string_view text, size_t size) {
  while (size > 0 && (static_cast<unsigned char>(text[size]) & 0xc0) == 0x80) --size;
  return to_utf8(text.substr(0, size)) + "…";
}

std::string key(std::string_view text) {
  if (!is_plain(text)) return std::string(kHidden);
  return text.size() > kMaxArgument ? cut(text, kMaxArgument) : to_utf8(text);
}

// A letter, and a token that may be any number or text.
std::string flag(std::string_view text) {
  if (!is_letter(text[0])) return std::string(kHidden);
  return std::string(1, text[0]) + (text.size() > 1 ? "?" : "");
}

std::string word(std::string_view text) {
  const bool shown = text.size() <= kMaxWord && std::ranges::all_of(text, is_letter);
  return std::string(shown ? text : kHidden);
}

// The argument of this number, counted from 1.
std::string shown(Kind kind, size_t number, std::string_view text) {
  if (kind == Kind::kGet) return key(text);
  if (kind == Kind::kGat) return number == 1 ? std::string(kHidden) : key(text);
  if (is_meta(kind)) {
    if (number == 1) return key(text);
    return kind == Kind::kMetaSet && number == 2 ? std::string(kHidden) : flag(text);
  }
  if (kind == Kind::kStats || kind == Kind::kAdmin || kind == Kind::kStream) return word(text);
  if (number == 1 && kind <= Kind::kTouch) return key(text);
  return std::string(text == "noreply" ? text : kHidden);
}

}  // namespace

std::string statement(std::string_view line, const Command& command) {
  std::string out(next_word(line));
  size_t number = 0;
  for (std::string_view text = next_word(line); !text.empty(); text = next_word(line)) {
    const std::string argument = shown(command.kind, ++number, text);
    if (number > kMaxArguments || out.size() + 1 + argument.size() + kMore.size() > kMaxText)
      return out.append(kMore);
    out += ' ';
    out += argument;
  }
  return out;
}

}  // namespace weft::protocol::memcached

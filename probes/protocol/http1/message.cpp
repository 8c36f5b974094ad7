// SPDX-License-Identifier: Apache-2.0
#include "probes/protocol/http1/message.h"

#include <cstring>

namespace weft::protocol::http1 {
namespace {

constexpr std::string_view kVersion = "HTTP/1.";
constexpr std::string_view kVersionName = "http/1.";  // as same_name() wants it

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// tchar of RFC 9110 §5.6.2.
bool is_token_char(char c) {
  if (is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')) return true;
  return std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
}

bool has_control(std::string_view text) {
  for (const char c : text) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) return true;
  }
  return false;
}

}  // namespace

bool is_token(std::string_view text) {
  for (const char c : text) {
    if (!is_token_char(c)) return false;
  }
  return !text.empty();
}

Line unfold(std::string_view bytes, const Line& first, std::string& unfolded) {
  unfolded = first.text;
  size_t at = first.consumed;
  while (is_blank(bytes[at])) {
    const Line more = next_line(bytes.substr(at));
    at += more.consumed;
    if (more.consumed == 0 || at == bytes.size()) return {};
    unfolded += ' ';
    unfolded += strip_blanks(more.text);
  }
  return {unfolded, at};
}

std::optional<RequestLine> parse_request_line(std::string_view line) {
  const size_t space = line.find(' ');
  if (space == std::string_view::npos || line.size() < space + 2 + kVersion.size() + 2)
    return std::nullopt;
  const std::string_view method = line.substr(0, space);
  const size_t end = line.size() - kVersion.size() - 2;  // the space before the version
  if (end <= space || line[end] != ' ' || line.substr(end + 1, kVersion.size()) != kVersion ||
      !is_digit(line.back()) || !is_token(method)) {
    return std::nullopt;
  }
  const std::string_view target = line.substr(space + 1, end - space - 1);
  if (target.empty() || target.front() == ' ' || has_control(target)) return std::nullopt;
  return RequestLine{method, target, line.back()};
}

// A method of capital letters and a target that only HTTP has: no other text begins like that.
std::optional<RequestLine> parse_cut_line(std::string_view begin) {
  constexpr size_t kShortest = 3;  // GET, PUT
  const size_t space = begin.find(' ');
  if (space == std::string_view::npos || space < kShortest) return std::nullopt;
  const std::string_view method = begin.substr(0, space);
  if (method.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ-") != std::string_view::npos)
    return std::nullopt;
  std::string_view target = begin.substr(space + 1);
  const size_t end = target.find(' ');
  const bool whole = end != std::string_view::npos;
  const std::string_view version = whole ? target.substr(end + 1) : std::string_view();
  target = target.substr(0, end);
  if (!kVersion.starts_with(version.substr(0, kVersion.size())) || has_control(target))
    return std::nullopt;
  const bool http = target.starts_with('/') || target.find("://") != std::string_view::npos;
  if (!http && method != "CONNECT") return std::nullopt;
  const char minor = version.size() > kVersion.size() ? version[kVersion.size()] : '\0';
  return RequestLine{method, target, is_digit(minor) ? minor : '\0', !whole};
}

bool may_be_status_line(std::string_view begin) {
  return same_name(begin.substr(0, kVersion.size()), kVersionName.substr(0, begin.size()));
}

std::optional<StatusLine> parse_status_line(std::string_view line) {
  constexpr size_t kCode = kVersion.size() + 2;
  if (line.size() < kCode + 3 || !may_be_status_line(line) || !is_digit(line[kVersion.size()]) ||
      line[kCode - 1] != ' ') {
    return std::nullopt;
  }
  int code = 0;
  for (const char c : line.substr(kCode, 3)) {
    if (!is_digit(c)) return std::nullopt;
    code = code * 10 + (c - '0');
  }
  if (code < 100 || (line.size() > kCode + 3 && line[kCode + 3] != ' ')) return std::nullopt;
  return StatusLine{code, line[kVersion.size()]};
}

std::string_view version_text(char minor) {
  constexpr std::string_view kAll = "1.01.11.21.31.41.51.61.71.81.9";
  return minor == 0 ? std::string_view() : kAll.substr(static_cast<size_t>(minor - '0') * 3, 3);
}

}  // namespace weft::protocol::http1

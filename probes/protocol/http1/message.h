// SPDX-License-Identifier: Apache-2.0
// The lines of an HTTP/1 message (RFC 9112 §2–5). Pure functions over borrowed bytes;
// every view returned points into its argument.
//
//   start-line CRLF *( field-line CRLF ) CRLF [ body ]
//
// Lenient where servers are: a bare LF ends a line, a field may be folded.
#pragma once

#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>

#include "agent/http_semantics/field.h"

namespace weft::protocol::http1 {

using http_semantics::Field;
using http_semantics::is_blank;
using http_semantics::same_name;
using http_semantics::strip_blanks;

// Bytes of a head that are read at most: no server in use accepts more by default.
inline constexpr size_t kMaxHead = 65536;

inline bool is_line_end(char c) {
  return c == '\r' || c == '\n';
}

struct Line {
  std::string_view text;  // without its line end
  size_t consumed = 0;    // bytes with the line end; 0: incomplete
};
inline Line next_line(std::string_view bytes) {
  const void* end = bytes.empty() ? nullptr : std::memchr(bytes.data(), '\n', bytes.size());
  if (end == nullptr) return {};
  const size_t length = static_cast<size_t>(static_cast<const char*>(end) - bytes.data());
  const bool with_return = length > 0 && bytes[length - 1] == '\r';
  return {bytes.substr(0, with_return ? length - 1 : length), length + 1};
}
// The rest of a field whose first line continues.
Line unfold(std::string_view bytes, const Line& first, std::string& unfolded);
// The same for a field line. Continuation lines are joined by one space into `unfolded`, which
// the text then points into. Needs the byte after the line end, which shows whether the field
// continues; an empty text is the end of the head.
inline Line next_field_line(std::string_view bytes, std::string& unfolded) {
  const Line line = next_line(bytes);
  if (line.consumed == 0 || line.text.empty()) return line;
  if (line.consumed == bytes.size()) return {};
  return is_blank(bytes[line.consumed]) ? unfold(bytes, line, unfolded) : line;
}

struct RequestLine {
  std::string_view method;
  std::string_view target;
  char minor = 0;    // digit of HTTP/1.x; 0: not seen
  bool cut = false;  // the target may go on beyond what was seen
};
std::optional<RequestLine> parse_request_line(std::string_view line);
// The beginning of a line whose end was not seen; none unless it surely begins a request.
std::optional<RequestLine> parse_cut_line(std::string_view begin);

struct StatusLine {
  int code;  // 100…999
  char minor;
};
// The protocol name may be in any case, because clients accept that.
std::optional<StatusLine> parse_status_line(std::string_view line);
// Are these bytes a prefix of a possible status line?
bool may_be_status_line(std::string_view begin);

// None for a line without a colon.
inline std::optional<Field> parse_field(std::string_view line) {
  const size_t colon = line.find(':');
  if (colon == std::string_view::npos) return std::nullopt;
  return Field{line.substr(0, colon), strip_blanks(line.substr(colon + 1))};
}

bool is_token(std::string_view text);
// "1.1" for the digit 1; static storage; empty for 0, which is no digit.
std::string_view version_text(char minor);

}  // namespace weft::protocol::http1

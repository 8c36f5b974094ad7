// SPDX-License-Identifier: Apache-2.0
// The lines of an HTTP/1 message (RFC 9112 §2–5). Pure functions over borrowed bytes;
// every view returned points into its argument.
//
//   start-line CRLF *( field-line CRLF ) CRLF [ body ]
//
// Lenient where servers are: a bare LF ends a line, a field may be folded.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace weft::protocol::http1 {

// A head longer than this is given up: nothing in use accepts more by default.
inline constexpr size_t kMaxHead = 65536;

inline bool is_line_end(char c) { return c == '\r' || c == '\n'; }

struct Line {
  std::string_view text;  // without its line end
  size_t consumed = 0;    // bytes with the line end; 0: incomplete
};
Line next_line(std::string_view bytes);
// The same for a field line, with the lines that continue it joined by one space into
// `unfolded`, which the text then points into. Needs the byte after the line end to know
// whether the field goes on; an empty text is the end of the head.
Line next_field_line(std::string_view bytes, std::string& unfolded);

struct RequestLine {
  std::string_view method;
  std::string_view target;
  char minor;  // digit of HTTP/1.x
};
std::optional<RequestLine> parse_request_line(std::string_view line);

struct StatusLine {
  int code;  // 100…999
  char minor;
};
std::optional<StatusLine> parse_status_line(std::string_view line);

struct Field {
  std::string_view name;   // as sent
  std::string_view value;  // without surrounding blanks
};
// None for a line that is no field: it is skipped, as servers do.
std::optional<Field> parse_field(std::string_view line);

// ASCII case does not matter; `lower` is given in lower case.
bool same_name(std::string_view name, std::string_view lower);
std::string_view strip_blanks(std::string_view text);

}  // namespace weft::protocol::http1

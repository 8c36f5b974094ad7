// SPDX-License-Identifier: Apache-2.0
#include "probes/protocol/postgresql/redact.h"

#include <algorithm>
#include <string>

#include "agent/base/bytes.h"
#include "agent/sql/sql.h"
#include "probes/protocol/postgresql/frame.h"
#include "probes/protocol/postgresql/semantics.h"

namespace weft::protocol::postgresql {
namespace {

constexpr size_t kCode = 4;  // of a startup packet, of an authentication

std::string_view view(std::span<char> bytes) {
  return {bytes.data(), bytes.size()};
}

void overwrite(std::span<char> bytes) {
  std::ranges::fill(bytes, 'x');
}

std::span<char> behind(std::span<char> bytes, size_t n) {
  return bytes.subspan(std::min(n, bytes.size()));
}

// The text without literals, then its trace context; the length stays.
std::string redacted_text(std::string_view text) {
  const std::string shown =
      sql::sanitize(text, sql::Dialect::kPostgres, sql::Backslash::kUnknown).text;
  const std::string context = context_comment(text);
  if (shown.size() + context.size() > text.size()) return std::string(text.size(), 'x');
  return shown + std::string(text.size() - shown.size() - context.size(), ' ') + context;
}

void redact_text(std::span<char> text) {
  std::string out = redacted_text(view(text));
  if (redacted_text(out) != out) out.assign(text.size(), 'x');
  std::ranges::copy(out, text.begin());
}

// Up to the NUL, if there is one.
std::span<char> front_string(std::span<char> bytes) {
  return bytes.first(std::min(view(bytes).find('\0'), bytes.size()));
}

bool is_name_char(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

// The name at the front, and the rest. A record that begins within a text may look like a message
// of any type: a string that no driver uses as a statement name is no name.
std::span<char> behind_name(std::span<char> body) {
  const std::span<char> name = front_string(body);
  if (!std::ranges::all_of(name, is_name_char)) overwrite(name);
  return behind(body, name.size() + 1);
}

// Name, text, types.
void redact_parse(std::span<char> body) {
  redact_text(front_string(behind_name(body)));
}

// Portal, statement, parameters.
void redact_bind(std::span<char> body) {
  overwrite(behind_name(behind_name(body)));
}

// A request has a kind and a name, a response the command tag: complete, and short.
void redact_close_or_tag(std::span<char> body) {
  const std::span<char> text = front_string(body);
  const bool plain = std::ranges::all_of(text, [](char c) { return is_name_char(c) || c == ' '; });
  if (!plain || text.size() + 1 != body.size() || text.size() > kNameLength) overwrite(body);
}

void redact_startup(std::span<char> body) {
  if (ByteReader(view(body)).be32() >> 16 != 3) {
    overwrite(behind(body, kCode));  // the key of a cancel request
    return;
  }
  std::span<char> rest = behind(body, kCode);
  while (!rest.empty()) {
    const std::string_view key = view(front_string(rest));
    const std::span<char> value = front_string(behind(rest, key.size() + 1));
    const bool kept = key == "user" || key == "database" || key == "replication";
    if (!kept) overwrite(value);
    rest = behind(rest, key.size() + value.size() + 2);
  }
}

bool is_severity(std::string_view word) {
  constexpr std::string_view kAll[] = {"ERROR", "FATAL", "PANIC", "WARNING", "NOTICE",
                                       "DEBUG", "INFO",  "LOG",   "DEBUG1"};
  return std::ranges::find(kAll, word) != std::end(kAll);
}

// May this field of an error be kept? The middle of any data may look like one.
bool is_plain_field(std::string_view field) {
  if (field.empty()) return false;
  const std::string_view value = field.substr(1);
  if (field[0] == 'S' || field[0] == 'V') return is_severity(value);
  return field[0] == 'C' && is_sqlstate(value);
}

// An Execute has a name and four bytes; an error has fields: the first, or the second where the
// first is translated, is the severity.
void redact_execute_or_error(std::span<char> body) {
  if (body.size() == front_string(body).size() + 5) return void(behind_name(body));
  const std::string_view first = view(front_string(body));
  const std::string_view second = view(front_string(behind(body, first.size() + 1)));
  const bool is_error = first.starts_with('S') && (is_plain_field(first) || is_plain_field(second));
  if (!is_error) return overwrite(body);
  while (!body.empty()) {
    const std::span<char> field = front_string(body);
    const bool kept = is_plain_field(view(field));
    if (!kept) overwrite(behind(field, 1));
    body = behind(body, field.size() + 1);
  }
}

void redact_body(char type, std::span<char> body) {
  switch (type) {
    case kStartup:
      return redact_startup(body);
    case 'Q':
      return redact_text(front_string(body));
    case 'P':
      return redact_parse(body);
    case 'B':
      return redact_bind(body);
    case 'E':
      return redact_execute_or_error(body);
    case 'R':
      return overwrite(behind(body, kCode));
    case 'C':
      return redact_close_or_tag(body);
    case 'Z':
      return;
    default:
      return overwrite(body);
  }
}

bool whole_messages(Direction direction, std::string_view bytes) {
  if (bytes.empty()) return false;
  while (const auto header = parse_header(direction, bytes)) {
    const size_t size = size_t{header->header} + header->body;
    if (size > bytes.size()) return false;
    bytes.remove_prefix(size);
  }
  return bytes.empty();
}

// The offset from which whole messages follow one another to the end; the size if there is none.
size_t messages_begin(Direction direction, std::string_view bytes) {
  size_t at = 0;
  while (at < bytes.size() && !whole_messages(direction, bytes.substr(at))) ++at;
  return at;
}

// How many bytes at the front are the end of a header that an earlier record began: the size
// in them leads to `begin`.
size_t header_rest(std::string_view bytes, size_t begin) {
  for (size_t n = 1; n < kHeaderSize && n < begin; ++n) {
    ByteReader reader(bytes);
    uint64_t size = 0;
    for (size_t i = 0; i < n; ++i) size = size << 8 | reader.u8();
    if (n + size == begin + 4) return n;
  }
  return 0;
}

void redact_messages(Direction direction, std::span<char> rest) {
  while (const auto header = parse_header(direction, view(rest))) {
    const std::span<char> body = behind(rest, header->header);
    redact_body(header->type, body.first(std::min<size_t>(header->body, body.size())));
    rest = behind(body, header->body);
  }
  if (rest.size() >= kHeaderSize) overwrite(rest);
}

}  // namespace

void redact(std::span<char> payload) {
  if (payload.size() < kHeaderSize) {
    if (payload.size() > 1) overwrite(payload);  // one byte answers a request for encryption
    return;
  }
  for (const Direction direction : {Direction::kRequest, Direction::kResponse}) {
    if (chain_fits(direction, view(payload))) return redact_messages(direction, payload);
  }
  const size_t request = messages_begin(Direction::kRequest, view(payload));
  const size_t response = messages_begin(Direction::kResponse, view(payload));
  const size_t begin = std::min(request, response);
  const size_t kept = begin < payload.size() ? header_rest(view(payload), begin) : 0;
  overwrite(payload.subspan(kept, begin - kept));
  redact_messages(request < response ? Direction::kRequest : Direction::kResponse,
                  behind(payload, begin));
}

}  // namespace weft::protocol::postgresql

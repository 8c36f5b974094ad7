// SPDX-License-Identifier: Apache-2.0
#include "probes/protocol/postgresql/redact.h"

#include <algorithm>
#include <cstring>
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

// The text without literals, then its trace context; as long as it was.
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

// Name, text, types.
void redact_parse(std::span<char> body) {
  redact_text(front_string(behind(body, front_string(body).size() + 1)));
}

// Portal, statement, parameters.
void redact_bind(std::span<char> body) {
  const std::span<char> rest = behind(body, front_string(body).size() + 1);
  overwrite(behind(rest, front_string(rest).size() + 1));
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

// An Execute has a name and four bytes; an error has fields.
void redact_execute_or_error(std::span<char> body) {
  if (body.size() == front_string(body).size() + 5) return;
  while (!body.empty()) {
    const std::span<char> field = front_string(body);
    const bool kept = !field.empty() && std::strchr("SVC", field[0]) != nullptr;
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
    case 'C':  // a name, or a tag
    case 'G':
    case 'H':
    case 'W':
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

// Where whole messages begin that go on to the end; the end if none do.
size_t messages_begin(Direction direction, std::string_view bytes) {
  size_t at = 0;
  while (at < bytes.size() && !whole_messages(direction, bytes.substr(at))) ++at;
  return at;
}

// How many bytes at the front are the end of a header that an earlier record began: what
// they say of the size leads to `begin`.
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

// SPDX-License-Identifier: Apache-2.0
#include "probes/protocol/postgresql/ending.h"

#include <algorithm>
#include <optional>

#include "probes/protocol/postgresql/frame.h"

namespace weft::protocol::postgresql {
namespace {

constexpr size_t kReady = kHeaderSize + 1;

bool is_tag(std::string_view body) {
  if (body.size() < 2 || body.back() != '\0' || body[0] < 'A' || body[0] > 'Z') return false;
  body.remove_suffix(1);
  return std::ranges::all_of(body, [](char c) { return c >= ' ' && c <= '~'; });
}

// "SERROR\0VERROR\0C22012\0…\0\0": severity first, a code, and the end at the first empty one.
bool is_fields(std::string_view body) {
  if (!body.starts_with('S')) return false;
  bool code = false;
  while (!body.empty() && body[0] != '\0') {
    const size_t end = body.find('\0');
    if (end == body.npos) return false;
    code = code || (body[0] == 'C' && end == 6);
    body.remove_prefix(end + 1);
  }
  return code && body.size() == 1;
}

bool is_strings(std::string_view body, size_t count) {
  while (count-- > 0) {
    if (!take_string(body)) return false;
  }
  return body.empty();
}

bool is_body(char type, std::string_view body) {
  switch (type) {
    case 'C':
      return is_tag(body);
    case 'E':
    case 'N':
      return is_fields(body);
    case 'S':
      return is_strings(body, 2);
    case 'A':
      return body.size() > 4 && is_strings(body.substr(4), 2);
    case 's':
    case 'I':
      return body.empty();
    default:
      return false;
  }
}

// The size of a message of one of those types that ends where the bytes end; 0: there is none.
size_t last_message(std::string_view bytes) {
  for (size_t size = kHeaderSize; size <= bytes.size(); ++size) {
    const std::string_view message = bytes.substr(bytes.size() - size);
    const auto header = parse_header(Direction::kResponse, message);
    if (!header || header->header + size_t{header->body} != size) continue;
    if (is_body(message[0], message.substr(kHeaderSize))) return size;
  }
  return 0;
}

Ending::Kind kind_of(char type) {
  switch (type) {
    case 'C':
    case 'I':
      return Ending::Kind::kComplete;
    case 's':
      return Ending::Kind::kPortal;
    case 'E':
      return Ending::Kind::kError;
    default:
      return Ending::Kind::kUnknown;
  }
}

char ready_state(std::string_view bytes) {
  if (bytes.size() < kReady) return '\0';
  const std::string_view last = bytes.substr(bytes.size() - kReady);
  const char state = last.back();  // idle, in a transaction, in a failed one
  const bool known = state == 'I' || state == 'T' || state == 'E';
  return known && last.starts_with(std::string_view("Z\0\0\0\5", 5)) ? state : '\0';
}

}  // namespace

bool ends_ready(std::string_view bytes) {
  return ready_state(bytes) != '\0';
}

Ending read_ending(std::string_view bytes) {
  Ending ending;
  ending.state = ready_state(bytes);
  if (ending.state != '\0') bytes.remove_suffix(kReady);
  while (const size_t size = last_message(bytes)) {
    const std::string_view message = bytes.substr(bytes.size() - size);
    ending.kind = kind_of(message[0]);
    if (ending.kind != Ending::Kind::kUnknown) {
      ending.body = message.substr(kHeaderSize);
      break;
    }
    bytes.remove_suffix(size);  // notices, settings, notifications
  }
  return ending;
}

}  // namespace weft::protocol::postgresql

// SPDX-License-Identifier: Apache-2.0
#include "probes/protocol/http1/redact.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <string>

#include "probes/protocol/http1/body.h"
#include "probes/protocol/http1/message.h"

namespace weft::protocol::http1 {
namespace {

constexpr size_t kMaxSizeDigits = 6;  // longer ones are more likely data

constexpr std::array<std::string_view, 13> kKept = {"host",
                                                    "user-agent",
                                                    "content-length",
                                                    "transfer-encoding",
                                                    "content-type",
                                                    "connection",
                                                    "upgrade",
                                                    "expect",
                                                    "traceparent",
                                                    "tracestate",
                                                    "x-forwarded-for",
                                                    "x-forwarded-host",
                                                    "x-forwarded-proto"};

void overwrite(std::span<char> bytes) {
  for (char& c : bytes) {
    if (c != '\r' && c != '\n') c = 'x';
  }
}

std::string_view view(std::span<char> bytes) {
  return {bytes.data(), bytes.size()};
}

void redact_value(std::span<char> line) {
  const auto field = parse_field(view(line));
  const bool named = field && is_token(field->name);
  if (named) {
    for (const std::string_view name : kKept) {
      if (same_name(field->name, name)) return;
    }
  }
  overwrite(named ? line.subspan(field->name.size() + 1) : line);
}

// "GET http://user:secret@host/path?key=secret HTTP/1.1"
void redact_request_line(std::span<char> line, const RequestLine& parsed) {
  const size_t at = parsed.method.size() + 1;
  const std::span<char> target = line.subspan(at, parsed.target.size());
  const size_t question = parsed.target.find('?');
  const size_t scheme = parsed.target.find("://");
  if (scheme < question) {
    const size_t begin = scheme + 3;
    const size_t end = std::min(parsed.target.find_first_of("/?", begin), parsed.target.size());
    const size_t user = parsed.target.substr(0, end).rfind('@');
    if (user != std::string_view::npos && user > begin)
      overwrite(target.subspan(begin, user - begin));
  }
  bool in_value = false;
  for (size_t i = std::min(question, target.size()); i < target.size(); ++i) {
    if (target[i] == '&') in_value = false;
    if (in_value) target[i] = 'x';
    if (target[i] == '=') in_value = true;
  }
}

// Walks the payload; each method takes what it understands off the front.
class Walk {
 public:
  explicit Walk(std::span<char> payload) : rest_(payload) {}

  void run() {
    if (!message()) continuation();
    while (message()) {
    }
    overwrite(rest_);
  }

 private:
  std::span<char> take(size_t n) {
    const std::span<char> front = rest_.first(std::min(n, rest_.size()));
    rest_ = rest_.subspan(front.size());
    return front;
  }

  bool message() {
    const Line line = next_line(view(rest_));
    if (line.consumed == 0) return false;
    const auto request = parse_request_line(line.text);
    if (!request && !parse_status_line(line.text)) return false;
    if (request) redact_request_line(rest_, *request);
    take(line.consumed);
    Framing framing;
    if (!fields(framing)) return true;
    if (framing.chunked()) {
      while (chunk()) {
      }
    } else if (framing.sized()) {
      overwrite(take(framing.length()));
    } else if (!request) {
      overwrite(take(rest_.size()));
    }
    return true;
  }

  // False when the payload ends before the head.
  bool fields(Framing& framing) {
    while (!rest_.empty()) {
      const Line line = next_line(view(rest_));
      if (line.consumed == 0) {
        redact_value(take(rest_.size()));
        return false;
      }
      if (const auto field = parse_field(line.text)) framing.field(*field);
      const size_t text = line.text.size();
      const std::span<char> bytes = take(line.consumed);
      if (text == 0) return true;
      redact_value(bytes.first(text));
    }
    return false;
  }

  // False at the last one, or if there is none here.
  bool chunk() {
    const Line line = next_line(view(rest_));
    if (line.consumed == 0) return false;
    size_t size = 0;
    const char* begin = rest_.data();
    const char* end = begin + line.text.size();
    const auto [after, error] = std::from_chars(begin, end, size, 16);
    const size_t digits = static_cast<size_t>(after - begin);
    if (error != std::errc() || digits > kMaxSizeDigits || (after != end && *after != ';'))
      return false;
    overwrite(take(line.consumed).subspan(std::min(digits + 1, line.consumed)));
    if (size == 0) return last_chunk();
    overwrite(take(size));
    if (!rest_.empty() && rest_[0] == '\r') take(1);
    if (!rest_.empty() && rest_[0] == '\n') take(1);
    return true;
  }

  bool last_chunk() {
    Framing ignored;
    fields(ignored);
    return false;
  }

  // The rest of a head or a body that began in an earlier record.
  void continuation() {
    if (!rest_.empty() && (rest_[0] == '\r' || rest_[0] == '\n')) {
      while (!rest_.empty() && (rest_[0] == '\r' || rest_[0] == '\n')) take(1);
      return;
    }
    const size_t before = rest_.size();
    while (chunk()) {
    }
    if (rest_.size() != before) return;
    const Line first = next_line(view(rest_));
    if (first.consumed == 0) return;
    overwrite(take(first.consumed));
    Framing framing;
    fields(framing);
  }

  std::span<char> rest_;
};

}  // namespace

void redact(std::span<char> payload) {
  Walk(payload).run();
}

}  // namespace weft::protocol::http1

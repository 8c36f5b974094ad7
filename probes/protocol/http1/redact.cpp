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

// The headers that parsing needs, and those that spans show by default.
constexpr std::array<std::string_view, 16> kKept = {"host",
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
                                                    "x-forwarded-proto",
                                                    "x-request-id",
                                                    "x-correlation-id",
                                                    "correlation-id"};

void overwrite(std::span<char> bytes) {
  for (char& c : bytes) {
    if (c != '\r' && c != '\n') c = 'x';
  }
}

std::string_view view(std::span<char> bytes) {
  return {bytes.data(), bytes.size()};
}

// Certainly a field of a head; looks like one; incomplete.
enum class Trust : uint8_t { kHead, kResembles, kCut };

bool frames(const Field& field) {
  const bool digits = field.value.find_first_not_of("0123456789") == std::string_view::npos;
  return (same_name(field.name, "content-length") && digits) ||
         (same_name(field.name, "transfer-encoding") && same_name(field.value, "chunked"));
}

bool is_kept(const Field& field, Trust trust) {
  if (trust != Trust::kHead) return trust == Trust::kResembles && frames(field);
  // Kept values contain no credentials, except by mistake ("Host: user:secret@shop").
  return field.value.find('@') == std::string_view::npos &&
         std::ranges::any_of(kKept, [&](auto name) { return same_name(field.name, name); });
}

void redact_value(std::span<char> line, Trust trust) {
  const auto field = parse_field(view(line));
  const bool named = field && is_token(field->name);
  if (named && is_kept(*field, trust)) return;
  overwrite(named ? line.subspan(field->name.size() + 1) : line);
}

// Redacts each word that follows one of `begins`: "key=secret" keeps its key; a word without "="
// may be a value.
void redact_words(std::span<char> part, std::string_view begins, std::string_view ends) {
  size_t at = view(part).find_first_of(begins);
  while (at < part.size()) {
    const size_t end = std::min(view(part).find_first_of(ends, at + 1), part.size());
    const std::string_view word = view(part).substr(at + 1, end - at - 1);
    const bool pair = word.find_last_not_of('=') > word.find('=');
    const size_t key = pair ? word.find('=') + 1 : 0;
    overwrite(part.subspan(at + 1 + key, word.size() - key));
    at = view(part).find_first_of(begins, end);
  }
}

// "http://user:secret@host", "user:secret@host:443"
void redact_authority(std::span<char> target) {
  if (target.empty() || target[0] == '/') return;
  const size_t scheme = view(target).find("://");
  const size_t begin = scheme == std::string_view::npos ? 0 : scheme + 3;
  const std::string_view host = view(target).substr(begin);
  const size_t user = host.substr(0, host.find_first_of("/?")).rfind('@');
  if (user != std::string_view::npos) overwrite(target.subspan(begin, user));
}

// "GET http://user:secret@host/path;key=secret?key=secret HTTP/1.1"
void redact_request_line(std::span<char> line, const RequestLine& parsed) {
  const std::span<char> target = line.subspan(parsed.method.size() + 1, parsed.target.size());
  const size_t question = std::min(parsed.target.find_first_of("?#"), target.size());
  redact_authority(target.first(question));
  redact_words(target.first(question), ";", ";/");
  redact_words(target.subspan(question), "?&;#", "?&;#");
}

// "HTTP/1.1 500 password hunter2 refused": the phrase may contain anything.
void redact_status_line(std::span<char> line) {
  constexpr size_t kPhrase = std::string_view("HTTP/1.1 200 ").size();
  overwrite(line.subspan(std::min(kPhrase, line.size())));
}

// Walks the payload; each method removes what it recognises from the front.
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
    if (line.consumed == 0) return cut_line();
    const auto request = parse_request_line(line.text);
    if (!request && !parse_status_line(line.text)) return false;
    if (request) redact_request_line(rest_, *request);
    const std::span<char> first = take(line.consumed);
    if (!request) redact_status_line(first);
    BodyFraming framing;
    if (!fields(framing, Trust::kHead)) return true;
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

  // A request line longer than what is captured.
  bool cut_line() {
    constexpr size_t kLong = 4096;
    const auto request = parse_cut_line(view(rest_));
    if (rest_.size() < kLong || !request || !request->target.starts_with('/')) return false;
    redact_request_line(rest_, *request);
    take(rest_.size());
    return true;
  }

  // False if the payload ends before the head does.
  bool fields(BodyFraming& framing, Trust trust) {
    while (!rest_.empty()) {
      const Line line = next_line(view(rest_));
      if (line.consumed == 0) {
        redact_value(take(rest_.size()), Trust::kCut);
        return false;
      }
      if (const auto field = parse_field(line.text)) framing.field(*field);
      const size_t text = line.text.size();
      const std::span<char> bytes = take(line.consumed);
      if (text == 0) return true;
      redact_value(bytes.first(text), trust);
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
    BodyFraming ignored;
    fields(ignored, Trust::kResembles);
    return false;
  }

  // The rest of a head or a body that began in an earlier record.
  void continuation() {
    if (!rest_.empty() && (rest_[0] == '\r' || rest_[0] == '\n')) {
      while (!rest_.empty() && (rest_[0] == '\r' || rest_[0] == '\n')) take(1);
      while (chunk()) {
      }
      return;
    }
    const size_t before = rest_.size();
    while (chunk()) {
    }
    if (rest_.size() != before) return;
    const Line first = next_line(view(rest_));
    if (first.consumed == 0) return;
    const Trust trust = rest_of_head();
    if (trust == Trust::kCut) return;
    overwrite(take(first.consumed));
    BodyFraming framing;
    fields(framing, trust);
  }

  // A head's lines end with CR LF, are all fields, and an empty line follows; text in a body is
  // seldom like that.
  Trust rest_of_head() const {
    std::string_view text = view(rest_);
    for (bool first = true;; first = false) {
      const Line line = next_line(text);
      if (line.consumed == 0) return Trust::kResembles;
      if (line.consumed != line.text.size() + 2) return Trust::kCut;
      if (line.text.empty()) return Trust::kHead;
      const auto field = parse_field(line.text);
      if (!first && !(field && is_token(field->name))) return Trust::kCut;
      text.remove_prefix(line.consumed);
    }
  }

  std::span<char> rest_;
};

}  // namespace

void redact(std::span<char> payload) {
  Walk(payload).run();
}

}  // namespace weft::protocol::http1

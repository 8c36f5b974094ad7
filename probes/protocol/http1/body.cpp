// SPDX-License-Identifier: Apache-2.0
#include "probes/protocol/http1/body.h"

#include <algorithm>
#include <cstring>

namespace weft::protocol::http1 {
namespace {

constexpr uint8_t kMaxSizeDigits = 15;   // hex: 2^60 cannot overflow
constexpr size_t kMaxLengthDigits = 18;  // decimal, likewise

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  const char lower = static_cast<char>(c | 0x20);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

// Digits only; false otherwise.
bool parse_length(std::string_view text, uint64_t& out) {
  if (text.empty() || text.size() > kMaxLengthDigits) return false;
  out = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return false;
    out = out * 10 + static_cast<uint64_t>(c - '0');
  }
  return true;
}

}  // namespace

void BodyFraming::note(const Field& field) {
  if (same_name(field.name, "content-length")) {
    content_length(field.value);
  } else if (same_name(field.name, "transfer-encoding")) {
    coded_ = true;
    const size_t comma = field.value.rfind(',');
    const size_t last = comma == std::string_view::npos ? 0 : comma + 1;
    chunked_ = same_name(strip_blanks(field.value.substr(last)), "chunked");
  }
}

// A list of equal numbers counts as one number (RFC 9110 §8.6).
void BodyFraming::content_length(std::string_view list) {
  while (true) {
    const size_t comma = list.find(',');
    uint64_t length = 0;
    if (!parse_length(strip_blanks(list.substr(0, comma)), length) ||
        (sized_ && length != length_)) {
      broken_ = true;
      return;
    }
    sized_ = true;
    length_ = length;
    if (comma == std::string_view::npos) return;
    list.remove_prefix(comma + 1);
  }
}

Body Body::sized(uint64_t n) {
  Body body(n == 0 ? State::kDone : State::kLength);
  body.left_ = n;
  return body;
}

size_t Body::read(std::string_view bytes) {
  size_t at = 0;
  while (at < bytes.size() && !done()) at += step(bytes.substr(at));
  return at;
}

// May consume nothing when it changes the state.
size_t Body::step(std::string_view bytes) {
  switch (state_) {
    case State::kDone:
      return 0;
    case State::kLength:
      return take_left(bytes.size(), State::kDone);
    case State::kData:
      return take_left(bytes.size(), State::kDataEnd);
    case State::kUntilClose:
      return bytes.size();
    case State::kUnframed:
      return look_for_end(bytes);
    case State::kSize:
      return size_byte(bytes[0]);
    case State::kExtension: {
      const size_t n = skip_line(bytes, State::kData);
      if (state_ == State::kData) size_ends();
      return n;
    }
    case State::kDataEnd:
      if (bytes[0] == '\n') {
        state_ = State::kSize;
        digits_ = 0;
      } else if (bytes[0] != '\r') {
        state_ = State::kUnframed;
        return 0;
      }
      return 1;
    case State::kTrailer:
      if (bytes[0] == '\n') state_ = State::kDone;
      if (bytes[0] == '\n' || bytes[0] == '\r') return 1;
      state_ = State::kTrailerText;
      return 0;
    case State::kTrailerText:
      return skip_line(bytes, State::kTrailer);
  }
  return bytes.size();
}

size_t Body::take_left(size_t available, State next) {
  const size_t n = std::min<uint64_t>(available, left_);
  left_ -= n;
  if (left_ == 0) state_ = next;
  return n;
}

size_t Body::size_byte(char c) {
  const int value = hex_digit(c);
  if (value >= 0 && digits_ < kMaxSizeDigits) {
    left_ = (digits_ == 0 ? 0 : left_ << 4) | static_cast<uint64_t>(value);
    ++digits_;
  } else if (digits_ == 0 || value >= 0) {
    state_ = State::kUnframed;
    return 0;
  } else if (c == '\n') {
    size_ends();
  } else if (c == ';' || c == '\r' || c == ' ' || c == '\t') {
    state_ = State::kExtension;
  } else {
    state_ = State::kUnframed;
    return 0;
  }
  return 1;
}

size_t Body::skip_line(std::string_view bytes, State next) {
  const void* end = std::memchr(bytes.data(), '\n', bytes.size());
  if (end == nullptr) return bytes.size();
  state_ = next;
  return static_cast<size_t>(static_cast<const char*>(end) - bytes.data()) + 1;
}

// A record that ends with the last chunk most likely ends the body. If it does not, the
// rest is no message and is skipped; only the end time is then too early.
size_t Body::look_for_end(std::string_view bytes) {
  constexpr std::string_view kLast = "0\r\n\r\n";
  if (bytes.ends_with(kLast) &&
      (bytes.size() == kLast.size() || bytes[bytes.size() - kLast.size() - 1] == '\n')) {
    state_ = State::kDone;
  }
  return bytes.size();
}

uint64_t Body::skip(uint64_t n) {
  switch (state_) {
    case State::kDone:
      return 0;
    case State::kUntilClose:
    case State::kUnframed:
      return n;
    case State::kLength: {
      const uint64_t skipped = std::min(n, left_);
      left_ -= skipped;
      if (left_ == 0) state_ = State::kDone;
      return skipped;
    }
    case State::kData:
      if (n < left_) {
        left_ -= n;
      } else if (n == left_) {
        state_ = State::kDataEnd;
      } else if (n == left_ + 2) {  // the chunk and its CRLF: the next size follows
        state_ = State::kSize;
        digits_ = 0;
      } else {
        state_ = State::kUnframed;
      }
      return n;
    case State::kSize:
    case State::kExtension:
    case State::kDataEnd:
    case State::kTrailer:
    case State::kTrailerText:
      state_ = State::kUnframed;
      return n;
  }
  return n;
}

}  // namespace weft::protocol::http1

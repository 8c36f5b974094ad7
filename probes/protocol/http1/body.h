// SPDX-License-Identifier: Apache-2.0
// Where a message's body ends (RFC 9112 §6–7), byte by byte and through holes. Bytes are
// counted, never kept.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "probes/protocol/http1/message.h"

namespace weft::protocol::http1 {

// What a head says about its body.
class BodyFraming {
 public:
  // By length first: most fields say nothing of it.
  void field(const Field& field) {
    if (field.name.size() == 14 || field.name.size() == 17) note(field);
  }

  bool chunked() const { return chunked_; }
  bool coded() const { return coded_; }    // a Transfer-Encoding of any kind was there
  bool sized() const { return sized_; }    // one valid Content-Length
  bool broken() const { return broken_; }  // an invalid one, or two that differ
  uint64_t length() const { return length_; }

 private:
  void note(const Field& field);
  void content_length(std::string_view list);

  uint64_t length_ = 0;
  bool sized_ = false;
  bool broken_ = false;
  bool coded_ = false;
  bool chunked_ = false;  // chunked is the last coding
};

// A reader over one body. States of a chunked one:
//
//   kSize ──LF──▶ kData ──0 left──▶ kDataEnd ──LF──▶ kSize …
//     │ ";" or blank ▶ kExtension ──LF──▶ (as kSize)
//     └ size 0, LF ─▶ kTrailer ──empty line──▶ kDone
class Body {
 public:
  static Body none() { return Body(State::kDone); }
  static Body sized(uint64_t n);
  static Body chunked() { return Body(State::kSize); }
  // It ends with the connection.
  static Body until_close() { return Body(State::kUntilClose); }
  // Its end cannot be found in the bytes: it lasts until the next direction change.
  static Body unframed() { return Body(State::kUnframed); }

  bool done() const { return state_ == State::kDone; }
  bool is_until_close() const { return state_ == State::kUntilClose; }
  bool is_unframed() const { return state_ == State::kUnframed; }
  // Bytes of it still to come, where its head said how many.
  std::optional<uint64_t> left() const {
    return state_ == State::kLength ? std::optional(left_) : std::nullopt;
  }

  // Number of bytes at the front that belong to the body; fewer than all only if it ends there.
  // Malformed chunks, or a hole in them, make it unframed.
  size_t read(std::string_view bytes);
  // How many of n unseen bytes belong to the body; fewer than n only if it ends there.
  uint64_t skip(uint64_t n);

 private:
  enum class State : uint8_t {
    kDone,
    kLength,
    kUntilClose,
    kUnframed,
    kSize,
    kExtension,
    kData,
    kDataEnd,
    kTrailer,      // at the start of a trailer line
    kTrailerText,  // within one
  };
  explicit Body(State state) : state_(state) {}

  size_t step(std::string_view bytes);
  size_t take_left(size_t available, State next);
  size_t size_byte(char c);
  size_t skip_line(std::string_view bytes, State next);
  size_t look_for_end(std::string_view bytes);
  void size_ends() { state_ = left_ == 0 ? State::kTrailer : State::kData; }

  State state_;
  uint8_t digits_ = 0;
  uint64_t left_ = 0;  // of the body, or of the chunk
};

}  // namespace weft::protocol::http1

// SPDX-License-Identifier: Apache-2.0
// One direction of a connection: bytes at positions, with holes. Keeps only what the session has
// not consumed.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "agent/port/protocol.h"

namespace weft {

// One thread. Views are valid until the next call that changes the stream.
class ByteStream {
 public:
  // A message of a known protocol never needs more held bytes than this to be parsed: beyond it,
  // the stream is lost.
  static constexpr size_t kMaxHeld = 128 * 1024;

  // What a record adds to what is already known: first a hole, then bytes, then bytes that were
  // moved but not captured.
  struct Piece {
    uint64_t gap_before = 0;
    std::string_view bytes;
    uint64_t gap_after = 0;
  };

  // Places the range [pos, pos+len), whose first bytes are `captured`. The first record sets the
  // origin. Overlap with earlier records (a send that was retried) is removed.
  Piece place(uint64_t pos, uint64_t len, std::string_view captured);

  bool started() const { return started_; }
  // Sets the origin if there is none: bytes between it and the first record are a hole.
  void start(uint64_t pos);
  void append(std::string_view bytes, const Stamp& stamp);
  void skip(uint64_t n);  // skips a hole that has been handled; nothing may be held
  Chunk held() const { return {held_, held_pos_, marks_}; }
  size_t held_size() const { return held_.size(); }
  uint64_t held_pos() const {
    return held_pos_;
  }  // where the next byte is appended, if nothing is held
  // Everything before `pos` has been placed.
  bool reached(uint64_t pos) const { return started_ && end_ >= pos; }
  void consume(size_t n);
  void drop_held();

 private:
  bool started_ = false;
  uint64_t end_ = 0;  // position after the last known byte
  std::string held_;
  uint64_t held_pos_ = 0;
  std::vector<Chunk::Mark> marks_;
};

}  // namespace weft

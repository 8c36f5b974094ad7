// SPDX-License-Identifier: Apache-2.0
// One direction of a connection: bytes at positions, with holes. Keeps only what a
// session has not consumed yet.
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
  // More than this held back for want of the rest is no message we know.
  static constexpr size_t kMaxHeld = 128 * 1024;

  // What a record adds beyond what was heard before: first a hole, then bytes, then
  // bytes that were moved but not shown.
  struct Piece {
    uint64_t gap_before = 0;
    std::string_view bytes;
    uint64_t gap_after = 0;
  };

  // [pos, pos+len), of which `captured` are shown. The first record sets the origin.
  // Overlap with what was heard before (a send offered twice) is cut off.
  Piece place(uint64_t pos, uint64_t len, std::string_view captured);

  bool started() const { return started_; }
  // Sets the origin where none is: what is between it and the first record is a hole.
  void start(uint64_t pos);
  void append(std::string_view bytes, const Stamp& stamp);
  void skip(uint64_t n);  // a hole that was dealt with; nothing may be held
  Chunk held() const { return {held_, held_pos_, marks_}; }
  size_t held_size() const { return held_.size(); }
  // Everything before `pos` has been heard of.
  bool reached(uint64_t pos) const { return started_ && end_ >= pos; }
  void consume(size_t n);
  void drop_held();

 private:
  bool started_ = false;
  uint64_t end_ = 0;  // position after the last byte heard of
  std::string held_;
  uint64_t held_pos_ = 0;
  std::vector<Chunk::Mark> marks_;
};

}  // namespace weft

// SPDX-License-Identifier: Apache-2.0
#include "agent/port/protocol.h"

#include <array>
#include <gtest/gtest.h>

namespace weft {
namespace {

Stamp at(uint64_t time) {
  Stamp stamp;
  stamp.time = time;
  return stamp;
}

TEST(Chunk, StampIsOfTheRecordThatCarriedTheByte) {
  const std::array<Chunk::Mark, 3> marks{{{100, at(1)}, {104, at(2)}, {107, at(3)}}};
  const Chunk chunk("abcdefghij", 100, marks);
  EXPECT_EQ(chunk.stamp(0).time, 1u);
  EXPECT_EQ(chunk.stamp(3).time, 1u);
  EXPECT_EQ(chunk.stamp(4).time, 2u);
  EXPECT_EQ(chunk.stamp(6).time, 2u);
  EXPECT_EQ(chunk.stamp(7).time, 3u);
  EXPECT_EQ(chunk.stamp(10).time, 3u) << "the end belongs to the last record";
}

TEST(Chunk, StampOfARecordThatBeganBeforeTheChunk) {
  const std::array<Chunk::Mark, 2> marks{{{90, at(1)}, {103, at(2)}}};
  const Chunk chunk("abcd", 100, marks);
  EXPECT_EQ(chunk.stamp(2).time, 1u);
  EXPECT_EQ(chunk.stamp(3).time, 2u);
}

TEST(Chunk, WithoutMarksTheStampIsEmpty) {
  EXPECT_EQ(Chunk("ab", 0, {}).stamp(1).time, 0u);
}

}  // namespace
}  // namespace weft

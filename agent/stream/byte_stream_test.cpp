// SPDX-License-Identifier: Apache-2.0
#include "agent/stream/byte_stream.h"

#include <gtest/gtest.h>

namespace weft {
namespace {

Stamp at(uint64_t time) {
  return {.time = time};
}

TEST(ByteStream, FirstRecordSetsTheOrigin) {
  ByteStream stream;
  const auto piece = stream.place(1000, 5, "hello");
  EXPECT_EQ(piece.gap_before, 0u);
  EXPECT_EQ(piece.bytes, "hello");
  EXPECT_EQ(piece.gap_after, 0u);
}

TEST(ByteStream, BytesNotShownAreAGapBehind) {
  ByteStream stream;
  const auto piece = stream.place(0, 100, "head");
  EXPECT_EQ(piece.bytes, "head");
  EXPECT_EQ(piece.gap_after, 96u);
}

TEST(ByteStream, AMissedRecordIsAGapBefore) {
  ByteStream stream;
  stream.place(0, 4, "abcd");
  const auto piece = stream.place(10, 2, "kl");
  EXPECT_EQ(piece.gap_before, 6u);
  EXPECT_EQ(piece.bytes, "kl");
}

TEST(ByteStream, ARepeatedSendAddsOnlyWhatIsNew) {
  ByteStream stream;
  stream.place(0, 4, "abcd");
  EXPECT_EQ(stream.place(0, 4, "abcd").bytes, "");
  const auto piece = stream.place(2, 4, "cdef");
  EXPECT_EQ(piece.gap_before, 0u);
  EXPECT_EQ(piece.bytes, "ef");
}

TEST(ByteStream, OverlapWithBytesThatWereOnlyCounted) {
  ByteStream stream;
  stream.place(0, 10, "ab");
  const auto piece = stream.place(5, 10, "fghijk");
  EXPECT_EQ(piece.gap_before, 0u);
  EXPECT_EQ(piece.bytes, "k");
  EXPECT_EQ(piece.gap_after, 4u);
}

TEST(ByteStream, PositionsWrapAtSequenceNumbers) {
  ByteStream stream;
  const uint64_t near_wrap = 0xffff'fffe;
  stream.place(near_wrap, 4, "abcd");
  EXPECT_EQ(stream.place(near_wrap + 4, 2, "ef").bytes, "ef");
}

TEST(ByteStream, StampsFollowTheBytes) {
  ByteStream stream;
  stream.place(0, 6, "abcdef");
  stream.append("abc", at(1));
  stream.append("def", at(2));
  EXPECT_EQ(stream.held().bytes(), "abcdef");
  EXPECT_EQ(stream.held().stamp(2).time, 1u);
  EXPECT_EQ(stream.held().stamp(3).time, 2u);
  stream.consume(4);
  EXPECT_EQ(stream.held().pos(), 4u);
  EXPECT_EQ(stream.held().stamp(0).time, 2u);
  stream.consume(2);
  EXPECT_EQ(stream.held_size(), 0u);
}

}  // namespace
}  // namespace weft

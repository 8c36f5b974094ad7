// SPDX-License-Identifier: Apache-2.0
#include "agent/kernel/protocol_knobs.h"

#include <gtest/gtest.h>

namespace weft::kernel {
namespace {

Protocol row() {
  return {.id = 200, .name = "fake", .make = nullptr, .sniff = nullptr};
}

TEST(ProtocolKnobs, ARowThatSaysNothingAsksForNothing) {
  const weft_protocol_knobs knobs = knobs_of(row());
  EXPECT_EQ(knobs.tail, 0);
  EXPECT_EQ(knobs.frames, 0);
  EXPECT_EQ(knobs.all, 0);
}

TEST(ProtocolKnobs, EachColumnHasItsKnob) {
  Protocol framed = row();
  framed.framing = Framing::kFrames;
  EXPECT_EQ(knobs_of(framed).frames, 1);
  EXPECT_EQ(knobs_of(framed).all, 0);
  Protocol whole = row();
  whole.capture = CaptureMode::kAll;
  EXPECT_EQ(knobs_of(whole).frames, 0);
  EXPECT_EQ(knobs_of(whole).all, 1);
}

TEST(ProtocolKnobs, ATailIsAtMostWhatTheProgramsCanGather) {
  Protocol long_answers = row();
  long_answers.tail = 128;
  EXPECT_EQ(knobs_of(long_answers).tail, 128);
  long_answers.tail = 5000;
  EXPECT_EQ(knobs_of(long_answers).tail, 1024);
}

TEST(ProtocolKnobs, TheEndOfATailIsComparedAsOneNumber) {
  EXPECT_EQ(knobs_of(row()).tail_end_mask, 0u);
  Protocol chunked = row();
  chunked.tail_end = "\r\n";
  EXPECT_EQ(knobs_of(chunked).tail_end, 0x0a0d'0000'0000'0000u);
  EXPECT_EQ(knobs_of(chunked).tail_end_mask, 0xffff'0000'0000'0000u);
  chunked.tail_end = "only the last eight of these";
  EXPECT_EQ(knobs_of(chunked).tail_end_mask, ~0ull);
}

}  // namespace
}  // namespace weft::kernel

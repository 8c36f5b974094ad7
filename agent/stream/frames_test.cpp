// SPDX-License-Identifier: Apache-2.0
// Connections of a protocol of frames: losses without a direction change.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "agent/stream/frames_fixture.h"

namespace weft {
namespace {

using test::frame;
using testing::ElementsAre;

class LateFramesTest : public FramesTest {
 protected:
  LateFramesTest() : FramesTest(test::kFramed, true) {}
};

TEST_F(FramesTest, SeveralRequestsAreOpenAndAnsweredInAnyOrder) {
  request(frame('Q', 1, "one") + frame('Q', 2, "two") + frame('Q', 3, "three"));
  response(frame('A', 3, "x") + frame('E', 1, "y"));
  EXPECT_THAT(log_, ElementsAre("three", "one!"));
  request(frame('Q', 4, "four"));
  response(frame('A', 4, "z") + frame('A', 2, "z"));
  EXPECT_THAT(log_, ElementsAre("three", "one!", "four", "two"));
}

TEST_F(FramesTest, AfterLostBytesTheNextFrameIsFoundWithoutADirectionChange) {
  const std::string lost = frame('Q', 2, "somewhat longer");
  request(frame('Q', 1, "one"));
  lose_request(lost.substr(0, 9));
  request(lost.substr(9) + frame('Q', 3, "three") + frame('Q', 4, "four"));
  request(frame('Q', 5, "five"));
  response(frame('A', 4) + frame('A', 3) + frame('A', 2) + frame('A', 1) + frame('A', 5));
  EXPECT_THAT(log_, ElementsAre("four", "three", "one", "five")) << "who asked 2 was not seen";
}

TEST_F(FramesTest, AfterALostAnswerNoRequestOfBeforeIsPaired) {
  request(frame('Q', 1, "one") + frame('Q', 2, "two"));
  response(frame('A', 9));
  lose_response(frame('A', 1));
  response(frame('A', 2));
  EXPECT_THAT(log_, ElementsAre("?", "?"));
  request(frame('Q', 3, "three"));
  response(frame('A', 3));
  EXPECT_THAT(log_, ElementsAre("?", "?", "three"));
}

TEST_F(FramesTest, BytesMovedButNotCapturedAreAHoleToo) {
  const std::string cut = frame('Q', 1, std::string(400, 'b'));
  record(WEFT_DIR_RX, std::string_view(cut).substr(0, 100), 300);
  request(cut.substr(300) + frame('Q', 2, "two"));
  response(frame('A', 2));
  EXPECT_THAT(log_, ElementsAre("two"));
}

TEST_F(FramesTest, ABeginningMayComeByteByByte) {
  request(frame('Q', 1, "one"));
  lose_request("xxxx");
  for (const char c : "rest" + frame('Q', 2, "two")) request(std::string(1, c));
  response(frame('A', 2));
  EXPECT_THAT(log_, ElementsAre("two"));
  EXPECT_EQ(told_.told()[1].start.stamp.time, 6u) << "of its own first byte";
  EXPECT_EQ(told_.told()[1].start.pos, 16u);
}

TEST_F(FramesTest, AHoleWhileLostForgetsWhatWasHeld) {
  request(frame('Q', 1, "one"));
  lose_request("xxxx");
  const std::string cut = frame('Q', 2, "two");
  request(cut.substr(0, 3));
  lose_request("y");
  request(cut.substr(3) + frame('Q', 3, "three"));
  response(frame('A', 2) + frame('A', 3));
  EXPECT_THAT(log_, ElementsAre("three"));
}

TEST_F(FramesTest, GarbageInTheMiddleIsSkipped) {
  request(frame('Q', 1, "one") + "garbage garbage garbage garbage" + frame('Q', 2, "two"));
  response(frame('A', 2) + frame('A', 1));
  EXPECT_THAT(log_, ElementsAre("two", "one"));
}

TEST_F(LateFramesTest, JoinedLateBeginsAtTheNextFrame) {
  request("end of something" + frame('Q', 2, "two"));
  response("part of an answer" + frame('A', 1) + frame('A', 2));
  EXPECT_THAT(log_, ElementsAre("two"));
}

// Takes every byte for the beginning of a message, and then finds that it is none.
class Credulous final : public Session {
 public:
  static inline size_t read = 0;
  static inline size_t asked = 0;

  Progress on_bytes(Direction, const Chunk&, ExchangeSink&) override {
    ++read;
    return {0, ParseStatus::kLost};
  }
  Progress on_gap(Direction, uint64_t n, const Stamp&, ExchangeSink&) override { return {n}; }
  void on_close(Direction, CloseReason, uint64_t, ExchangeSink&) override {}
  bool starts_message(Direction, std::string_view bytes) const override {
    ++asked;
    return bytes[0] == 'y';
  }
};
const Protocol kCredulous{.id = 203,
                          .name = "credulous",
                          .make = [](const SessionOptions&) -> std::unique_ptr<Session> {
                            return std::make_unique<Credulous>();
                          },
                          .sniff = nullptr,
                          .framing = Framing::kFrames};

class WorkTest : public FramesTest {
 protected:
  WorkTest() : FramesTest(kCredulous) { Credulous::read = Credulous::asked = 0; }
};

TEST_F(WorkTest, FalseBeginningsOfARecordAreBounded) {
  request(std::string(16384, 'y'));
  EXPECT_LE(Credulous::read, size_t{Connection::kMaxResyncs} + 1);
  EXPECT_LE(Credulous::asked, size_t{Connection::kMaxResyncs});
}

TEST_F(WorkTest, AfterAFalseBeginningTheSearchGoesOnBehindIt) {
  request("ynnyn");
  EXPECT_EQ(Credulous::read, 2u);
}

TEST_F(WorkTest, EachByteIsLookedAtAFewTimes) {
  request(std::string(16384, 'n'));
  EXPECT_LE(Credulous::asked, 16384u);
  Credulous::asked = 0;
  for (int i = 0; i < 1000; ++i) request("n");
  EXPECT_LE(Credulous::asked, 1000 * (kMostLookAhead + 1));
}

}  // namespace
}  // namespace weft

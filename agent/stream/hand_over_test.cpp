// SPDX-License-Identifier: Apache-2.0
// Connections on which another protocol goes on.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "agent/stream/frames_fixture.h"

namespace weft {
namespace {

using test::frame;
using testing::ElementsAre;
using testing::IsEmpty;

class LinesTest : public FramesTest {
 protected:
  LinesTest() : FramesTest(test::kLines) {}
};

TEST_F(FramesTest, AnotherProtocolGoesOnInBothDirections) {
  request(frame('Q', 1, "one") + frame('U', 0));
  response(frame('A', 1) + frame('U', 0) + "early\n");
  EXPECT_THAT(log_, ElementsAre("one", "-> lines"));
  request("first\n", WEFT_DATA_DIR_CHANGE);
  response("yes\n", WEFT_DATA_DIR_CHANGE);
  EXPECT_THAT(log_, ElementsAre("one", "-> lines", "first"));
  close(WEFT_CLOSE_GONE);
  EXPECT_EQ(state_, Connection::State::kActive);
}

TEST_F(FramesTest, WhatTheOldSessionHeldBackIsTheNewOnes) {
  request(frame('U', 0) + "a\nb");  // not a frame's head yet
  response(frame('U', 0) + "yes\n");
  EXPECT_THAT(log_, ElementsAre("-> lines", "a"));
  EXPECT_EQ(told_.told()[0].start.pos, 5u);
  request("c\n");
  response("no\n");
  EXPECT_THAT(log_, ElementsAre("-> lines", "a", "bc"));
}

TEST_F(FramesTest, WhatIsOpenEndsWithTheOldProtocol) {
  request(frame('Q', 1, "one") + frame('U', 0));
  response(frame('U', 0));
  EXPECT_THAT(log_, ElementsAre("?", "-> lines"));
}

TEST_F(FramesTest, TheNewSessionKnowsWhichDirectionIsClosed) {
  request(frame('U', 0) + "a\n");
  close(WEFT_CLOSE_TX);
  request("b\n");
  log_.clear();
  response(frame('U', 0));
  EXPECT_THAT(log_, ElementsAre("-> lines"));
  close(WEFT_CLOSE_GONE);
}

TEST_F(LinesTest, AHandOverMayGoOnToFrames) {
  request("one\nFRAMED\n" + frame('Q', 1, "two"));
  EXPECT_THAT(log_, ElementsAre("?", "-> framed"));
  response(frame('A', 1));
  EXPECT_THAT(log_, ElementsAre("?", "-> framed", "two"));
}

TEST_F(LinesTest, WithoutSuchAProtocolTheConnectionIsOpaque) {
  request("NOTHING\nmore\n");
  EXPECT_EQ(state_, Connection::State::kTunnel);
  EXPECT_THAT(log_, IsEmpty());
}

TEST_F(LinesTest, HandOversAreBounded) {
  for (int i = 0; i <= Connection::kMaxHandOvers; ++i) {
    EXPECT_EQ(state_, Connection::State::kActive) << i;
    if (i % 2 == 0) {
      request("FRAMED\n");
    } else {
      response(frame('U', 0));
    }
  }
  EXPECT_EQ(state_, Connection::State::kTunnel);
}

// Hands over in the middle of a hole.
class Leaver final : public Session {
 public:
  Progress on_bytes(Direction, const Chunk& chunk, ExchangeSink&) override {
    return {chunk.bytes().size()};
  }
  Progress on_gap(Direction, uint64_t, const Stamp&, ExchangeSink&) override {
    return {3, ParseStatus::kHandOver};
  }
  void on_close(Direction, CloseReason, uint64_t, ExchangeSink&) override {}
  bool starts_message(Direction, std::string_view) const override { return true; }
  std::string_view next_protocol() const override { return "lines"; }
};
const Protocol kLeaver{.id = 204,
                       .name = "leaver",
                       .make = [](const SessionOptions&) -> std::unique_ptr<Session> {
                         return std::make_unique<Leaver>();
                       },
                       .sniff = nullptr};

class LeaverTest : public FramesTest {
 protected:
  LeaverTest() : FramesTest(kLeaver) {}
};

TEST_F(LeaverTest, TheRestOfAHoleIsTheNewSessions) {
  record(WEFT_DIR_RX, "", 10);
  request("rest\n");
  response("x\n", WEFT_DATA_DIR_CHANGE);
  EXPECT_THAT(log_, ElementsAre("-> lines")) << "it does not know what it has missed";
  request("two\n", WEFT_DATA_DIR_CHANGE);
  response("x\n", WEFT_DATA_DIR_CHANGE);
  EXPECT_THAT(log_, ElementsAre("-> lines", "two"));
  EXPECT_EQ(told_.told()[0].start.pos, 15u);
}

}  // namespace
}  // namespace weft

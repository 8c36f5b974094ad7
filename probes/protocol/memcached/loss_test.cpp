// SPDX-License-Identifier: Apache-2.0
// Holes, ends that are not ordinary ones, and answers that are not the command's.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "probes/protocol/memcached/conversation_test.h"

namespace weft::protocol::memcached {
namespace {

using test::SessionDriver;
using testing::ElementsAre;
using testing::IsEmpty;

std::string get(int n) {
  return "get " + std::to_string(n) + "\r\n";
}

// ---- holes ----

TEST(Hole, WithinDataIsCountedThrough) {
  SessionDriver d(kProtocol);
  d.request("set k 0 0 500000000\r\nab").request_gap(499999990);
  d.request("12345678\r\n" + get(1)).response("STORED\r\nERROR\r\n");
  d.request(get(2)).response("VALUE 2 0 100000\r\nab").response_gap(99998).response("\r\nEND\r\n");
  d.request("mg 3 v\r\n").response("VA 1000\r\n").response_gap(1002);
  d.request(get(4)).response("ERROR\r\n");
  EXPECT_THAT(pairs(d),
              ElementsAre("set k ? ? ?", "get 1 ERROR", "get 2", "mg 3 v", "get 4 ERROR"));
  EXPECT_EQ(d.abandoned(), 0u);
}

TEST(Hole, ThatEndsACommandEndsItsBytes) {
  SessionDriver d(kProtocol);
  d.request("set k 0 0 500 noreply\r\n").request_gap(502);
  EXPECT_THAT(pairs(d), ElementsAre("set k ? ? ? noreply"));
  EXPECT_EQ(d.only().outcome.end_time, 2000u);
}

// The next value's header is within what was not seen.
TEST(Hole, InALoneAnswerLastsUntilTheNextRequest) {
  SessionDriver d(kProtocol);
  d.request("get 1 2\r\n").response("VALUE 1 0 1000\r\nabc").response_gap(5000).response("x\r\nEN");
  EXPECT_THAT(d.ended(), IsEmpty());
  d.response_gap(3);
  d.request(get(2));
  EXPECT_EQ(d.only().outcome.end_time, 5000u);
  d.response("ERROR\r\n").request(get(3));
  EXPECT_THAT(pairs(d), ElementsAre("get 1 2", "get 2 ERROR"));
  EXPECT_GE(d.session().wanted_head(), 65536u);
}

TEST(Hole, InALoneAnswerAndTheConnectionEnds) {
  SessionDriver d(kProtocol);
  d.request("stats\r\n").response("STAT a 1\r\n").response_gap(5000);
  d.close(kResponse);
  EXPECT_THAT(pairs(d), ElementsAre("stats"));
  EXPECT_EQ(d.only().outcome.end_time, 3000u);
}

TEST(Hole, InALoneAnswerWhoseRestLooksLikeAnswers) {
  SessionDriver d(kProtocol);
  d.request("get 1 2\r\n").response(value("1", "a")).response_gap(5000);
  d.request(get(2)).response("END\r\n").response("END\r\n");
  d.request(get(4)).response("ERROR\r\n").request(get(5));
  EXPECT_THAT(pairs(d), ElementsAre("get 1 2", "get 4 ERROR"));
  EXPECT_FALSE(d.over());
}

TEST(Hole, InAPipelinesAnswersAbandonsTheRest) {
  SessionDriver d(kProtocol);
  d.request(get(1) + get(2) + get(3)).response("ERROR\r\n").response_gap(7).response("END\r\n");
  d.request(get(4)).response("ERROR\r\n");
  EXPECT_THAT(pairs(d), ElementsAre("get 1 ERROR", "get 4 ERROR"));
  EXPECT_EQ(d.abandoned(), 2u);
}

TEST(Hole, InAPipelineKeepsWhatWasBeforeIt) {
  SessionDriver d(kProtocol);
  d.request(get(1) + get(2)).request_gap(7).request(get(4));
  d.response("ERROR\r\nEND\r\nEND\r\nERROR\r\n");
  d.request(get(5)).response("ERROR\r\n");
  EXPECT_THAT(pairs(d), ElementsAre("get 1 ERROR", "get 2", "get 5 ERROR"));
  EXPECT_FALSE(d.over());
}

TEST(Hole, BehindQuietCommandsAnAnswerMayBeOfWhatWasMissed) {
  SessionDriver d(kProtocol);
  d.request("mg a v q\r\n").request_gap(20).response("VA 1\r\nx\r\nMN\r\n");
  EXPECT_THAT(d.ended(), IsEmpty());
  EXPECT_EQ(d.abandoned(), 1u);
  d.request("mg b v q\r\nmn\r\n").response("VA 1\r\nx\r\nMN\r\n");
  EXPECT_THAT(pairs(d), ElementsAre("mg b v q", "mn"));
}

TEST(Hole, OverAWholeAnswer) {
  SessionDriver d(kProtocol);
  d.request(get(1)).response_gap(20).request(get(2)).response("ERROR\r\n");
  EXPECT_THAT(pairs(d), ElementsAre("get 2 ERROR"));
  EXPECT_EQ(d.abandoned(), 1u);
}

TEST(Hole, InTheDataOfACommandThatIsAnsweredAllTheSame) {
  SessionDriver d(kProtocol);
  d.request("get a\r\n").response("END\r\n").request("set k 0 0 20\r\n");
  d.lose(kRequest, "12345678901234567890\r\n").response("STORED\r\n");
  d.request(get(1)).response("ERROR\r\n").request(get(2)).response("ERROR\r\n");
  EXPECT_EQ(pairs(d).back(), "get 2 ERROR");
  EXPECT_EQ(d.abandoned(), 1u);
}

TEST(Hole, OnASharedConnectionGivesItUp) {
  SessionDriver d(kProtocol);
  d.request(get(1)).request(get(2)).response("ERROR\r\n").request(get(3)).response("ERROR\r\n");
  EXPECT_THAT(pairs(d), ElementsAre("get 1 ERROR", "get 2 ERROR"));
  d.response_gap(9);
  EXPECT_EQ(d.over(), ParseStatus::kHopeless);
  EXPECT_EQ(d.open(), 0u);
}

TEST(Hole, EachAsksForMore) {
  SessionDriver d(kProtocol);
  EXPECT_EQ(d.session().wanted_head(), 0u);
  for (int i = 0; i < 9; ++i) d.request(get(i)).response(value("1", "a")).response_gap(100);
  EXPECT_EQ(d.session().wanted_head(), 1u << 20);
}

// ---- joined in the middle ----

TEST(Late, BeginsWithTheNextCommand) {
  SessionDriver d(kProtocol);
  d.joined_late();
  d.request("of a value\r\n").response("END\r\n");
  d.request(get(1)).response("ERROR\r\n");
  EXPECT_THAT(pairs(d), ElementsAre("get 1 ERROR"));
}

// ---- out of step ----

TEST(Step, AnAnswerTheCommandCannotHaveGivesTheConnectionUp) {
  for (const std::string told : {"STORED\r\n", "MN\r\n", "HD\r\n", "42\r\n", "OK\r\n"}) {
    SessionDriver d(kProtocol);
    d.request(get(1)).response(told);
    EXPECT_THAT(d.ended(), IsEmpty()) << told;
    EXPECT_EQ(d.over(), ParseStatus::kHopeless) << told;
  }
}

TEST(Step, AnAnswerTooManyGivesTheConnectionUp) {
  SessionDriver d(kProtocol);
  d.request(get(1)).response("END\r\n").response("END\r\n");
  EXPECT_EQ(d.over(), ParseStatus::kHopeless);
}

TEST(Step, DataOfAnotherLengthIsNoCommand) {
  SessionDriver d(kProtocol);
  d.request("set k 0 0 3\r\nabcdef\r\n").response("CLIENT_ERROR bad data chunk\r\nERROR\r\n");
  EXPECT_THAT(d.ended(), IsEmpty());
  EXPECT_EQ(d.abandoned(), 1u);
  d.request(get(1)).response("ERROR\r\n");
  EXPECT_THAT(pairs(d), ElementsAre("get 1 ERROR"));
}

// ---- ends ----

TEST(End, UnansweredCommands) {
  struct Case {
    Role role;
    Direction first;
    CloseReason reason;
    std::string error;
  };
  for (const auto& [role, first, reason, error] :
       {Case{Role::kServer, kRequest, CloseReason::kEnd, "client_disconnected"},
        Case{Role::kClient, kRequest, CloseReason::kEnd, ""},
        Case{Role::kServer, kResponse, CloseReason::kEnd, "connection_closed"},
        Case{Role::kClient, kResponse, CloseReason::kEnd, "connection_closed"},
        Case{Role::kClient, kResponse, CloseReason::kReset, "connection_reset"},
        Case{Role::kServer, kResponse, CloseReason::kKilled, "process_exited"}}) {
    SessionDriver d(kProtocol, as(role));
    d.request("set k 0 0 1\r\nx\r\n").gone(first, reason);
    EXPECT_EQ(d.only().outcome.error_type, error);
    EXPECT_EQ(d.only().outcome.error, !error.empty());
  }
}

TEST(End, AFirstCommandThatMayBeAnothersIsNotTold) {
  SessionDriver d(kProtocol);
  d.request(get(1)).gone(kResponse);
  EXPECT_THAT(d.ended(), IsEmpty());
  EXPECT_EQ(d.abandoned(), 1u);
}

TEST(End, ShutdownIsAnsweredByTheEnd) {
  SessionDriver d(kProtocol);
  d.request(get(1)).response("END\r\n").request("shutdown\r\n").gone(kResponse);
  EXPECT_THAT(pairs(d), ElementsAre("get 1", "shutdown"));
}

TEST(End, ACommandCutShortIsAbandoned) {
  SessionDriver d(kProtocol);
  d.request("set k 0 0 9\r\nabc").gone(kRequest);
  EXPECT_EQ(d.abandoned(), 1u);
}

}  // namespace
}  // namespace weft::protocol::memcached

// SPDX-License-Identifier: Apache-2.0
// Holes, unusual ends, and replies that are not the command's.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "probes/protocol/redis/conversation_test.h"
#include "probes/protocol/redis/session.h"

namespace weft::protocol::redis {
namespace {

using test::SessionDriver;
using testing::ElementsAre;
using testing::IsEmpty;

std::string get(int n) {
  return ask({"GET", std::to_string(n)});
}
std::string list(int n) {
  return ask({"SMEMBERS", std::to_string(n)});
}
std::string fail(int n) {
  return "-E" + std::to_string(n) + " no\r\n";
}

// ---- holes ----

TEST(RedisHole, WithinABulkIsCountedThrough) {
  SessionDriver d(kProtocol);
  d.request("*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$500000000\r\nab").request_gap(499999990);
  d.request("12345678\r\n" + get(1)).response("+OK\r\n-E1\r\n");
  d.request(get(2)).response("$100000\r\nab").response_gap(99998).response("\r\n");
  d.request(get(3)).response("$1000\r\n").response_gap(1002);
  d.request(get(4)).response(fail(4));
  EXPECT_THAT(pairs(d), ElementsAre("SET k ?", "GET 1 E1", "GET 2", "GET 3", "GET 4 E4"));
  EXPECT_EQ(d.abandoned(), 0u);
}

TEST(RedisHole, ThatEndsACommandEndsItsBytes) {
  SessionDriver d(kProtocol);
  d.request("*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$500\r\n").request_gap(502).response("+OK\r\n");
  EXPECT_THAT(pairs(d), ElementsAre("SET k ?"));
}

TEST(RedisHole, InALoneAnswerLastsUntilTheNextRequest) {
  SessionDriver d(kProtocol);
  d.request(list(1))
      .response("*1000\r\n$3\r\nabc\r\n")
      .response_gap(5000)
      .response("abc\r\n$3\r\nab");
  EXPECT_THAT(d.ended(), IsEmpty());
  d.response_gap(100);
  d.request(get(2));
  EXPECT_EQ(d.only().outcome.end_time, 5000u);
  EXPECT_FALSE(d.only().outcome.unseen) << "an answer that is no error has begun";
  d.response(fail(2)).request(get(3));
  EXPECT_THAT(pairs(d), ElementsAre("SMEMBERS 1", "GET 2 E2"));
  EXPECT_GE(d.session().wanted_head(), 65536u);
}

TEST(RedisHole, InALoneAnswerAndTheConnectionEnds) {
  SessionDriver d(kProtocol);
  d.request(list(1)).response("*1000\r\n").response_gap(5000);
  d.close(kResponse);
  EXPECT_THAT(pairs(d), ElementsAre("SMEMBERS 1"));
  EXPECT_EQ(d.only().outcome.end_time, 3000u);
}

TEST(RedisHole, InALoneAnswerThatGoesOnAfterTheNextRequestIsNotThatOnes) {
  SessionDriver d(kProtocol);
  d.request(list(1)).response("*1000\r\n").response_gap(5000);
  d.request(get(2)).response("abc\r\n$3\r\nabc\r\n");
  EXPECT_EQ(d.abandoned(), 1u);
  d.request(get(3)).response(fail(3));
  EXPECT_THAT(pairs(d), ElementsAre("SMEMBERS 1", "GET 3 E3"));
}

// The client did not wait for the reply's end: what comes next may be the rest of it.
TEST(RedisHole, InALoneAnswerWhoseRestLooksLikeAnswers) {
  for (const std::string& next : {get(2), get(2) + get(3)}) {
    SessionDriver d(kProtocol);
    d.request(list(1)).response("*1000\r\n").response_gap(5000);
    d.request(next).response("$3\r\nabc\r\n$3\r\nabc\r\n").response("$3\r\nabc\r\n" + fail(2));
    d.request(get(4)).response(fail(4)).request(get(5));
    EXPECT_THAT(pairs(d), ElementsAre("SMEMBERS 1", "GET 4 E4"));
    EXPECT_FALSE(d.over());
  }
}

TEST(RedisHole, InAnExecWhetherItFailedIsNotKnown) {
  SessionDriver d(kProtocol);
  d.request(ask({"EXEC"})).response("*3\r\n$3\r\nabc\r\n").response_gap(900);
  d.response("-E1 of an element or within a value\r\n").request(get(2));
  EXPECT_THAT(pairs(d), ElementsAre("EXEC"));
  EXPECT_TRUE(d.only().outcome.unseen);
}

TEST(RedisHole, InAnExecThatIsCountedThroughAndAnErrorBehindIt) {
  SessionDriver d(kProtocol);
  d.request(ask({"EXEC"})).response("*2\r\n$9000\r\nabc").response_gap(8990);
  d.response("1234567\r\n-E1 no\r\n");
  EXPECT_THAT(pairs(d), ElementsAre("EXEC E1"));
  EXPECT_FALSE(d.only().outcome.unseen);
}

TEST(RedisHole, InAnExecBehindAnErrorIsAnError) {
  SessionDriver d(kProtocol);
  d.request(ask({"EXEC"})).response("*99\r\n-E1 no\r\n").response_gap(900).gone(kResponse);
  EXPECT_THAT(pairs(d), ElementsAre("EXEC E1"));
  EXPECT_FALSE(d.only().outcome.unseen);
}

TEST(RedisHole, TransactionsAskForMore) {
  SessionDriver d(kProtocol);
  d.request(ask({"MULTI"})).response("+OK\r\n");
  EXPECT_GE(d.session().wanted_head(), 65536u);
}

TEST(RedisHole, InAPipelinesAnswersAbandonsTheRest) {
  SessionDriver d(kProtocol);
  d.request(get(1) + get(2) + get(3)).response(fail(1)).response_gap(9).response(fail(3));
  d.request(get(4)).response(fail(4));
  EXPECT_THAT(pairs(d), ElementsAre("GET 1 E1", "GET 4 E4"));
  EXPECT_EQ(d.abandoned(), 2u);
}

TEST(RedisHole, InAPipelineKeepsWhatWasBeforeIt) {
  SessionDriver d(kProtocol);
  d.request(get(1) + get(2)).request_gap(22).request(get(4));
  d.response(fail(1) + fail(2) + "$-1\r\n" + fail(4));
  d.request(get(5)).response(fail(5));
  EXPECT_THAT(pairs(d), ElementsAre("GET 1 E1", "GET 2 E2", "GET 5 E5"))
      << "answers to what was missed are nobody's, and no reason to give up";
  EXPECT_FALSE(d.over());
}

TEST(RedisHole, OverAWholeRequestSkipsItsAnswer) {
  SessionDriver d(kProtocol);
  d.request_gap(20).response(fail(0)).request(get(1)).response(fail(1));
  EXPECT_THAT(pairs(d), ElementsAre("GET 1 E1"));
}

TEST(RedisHole, OverAWholeAnswer) {
  SessionDriver d(kProtocol);
  d.request(get(1)).response_gap(20).request(get(2)).response(fail(2));
  EXPECT_THAT(pairs(d), ElementsAre("GET 2 E2"));
  EXPECT_EQ(d.abandoned(), 1u);
}

TEST(RedisHole, OverAnAnswerThatShowsOnlyWithTheNextOne) {
  SessionDriver d(kProtocol);
  d.request(get(1)).response_gap(0).request(get(2)).response_gap(9).response(fail(2));
  d.request(get(3)).response(fail(3));
  EXPECT_THAT(pairs(d), ElementsAre("GET 3 E3"));
  EXPECT_FALSE(d.over());
}

TEST(RedisHole, AfterOneAnAnswerCountsOnlyInItsCommandsExchange) {
  SessionDriver d(kProtocol);
  d.request(get(1)).response_gap(0).request(get(2)).request_gap(20).response(fail(2));
  EXPECT_THAT(pairs(d), ElementsAre("GET 2 E2")) << "the answer to 1 was not seen";
  EXPECT_EQ(d.abandoned(), 1u);
}

TEST(RedisHole, InAnAnswerWhenTheNextRequestMayHaveBeenMissed) {
  const std::string part = "*1000\r\n$3\r\nabc\r\n";
  SessionDriver before(kProtocol);
  before.request(list(1)).request_gap(30).response(part);
  before.request("not told to the session").response_gap(100).gone(kResponse);
  EXPECT_EQ(before.abandoned(), 1u) << "the hole may hold its end";
  SessionDriver after(kProtocol);
  after.request(list(1)).request_gap(30).response(part).response_gap(100);
  after.request("not told to the session").response("abc\r\n").gone(kResponse);
  EXPECT_EQ(after.abandoned(), 1u) << "these bytes may be another's";
}

TEST(RedisHole, OnASharedConnectionGivesItUp) {
  SessionDriver d(kProtocol);
  d.request(get(1)).request(get(2)).response(fail(1)).request(get(3)).response(fail(2));
  EXPECT_THAT(pairs(d), ElementsAre("GET 1 E1", "GET 2 E2"));
  d.response_gap(9);
  EXPECT_EQ(d.over(), ParseStatus::kHopeless);
  EXPECT_EQ(d.open(), 0u);
}

TEST(RedisHole, ForgetsTheDatabase) {
  SessionDriver d(kProtocol);
  d.request(ask({"SELECT", "2"})).response("+OK\r\n").request_gap(30).response("+OK\r\n");
  d.request(get(1)).response(fail(1));
  ASSERT_EQ(d.ended().size(), 2u);
  EXPECT_EQ(d.ended().back().outcome.attributes.find(semconv::kDbNamespace), nullptr);
}

TEST(RedisHole, EachAsksForMore) {
  SessionDriver d(kProtocol);
  EXPECT_EQ(d.session().wanted_head(), 0u);
  for (int i = 0; i < 9; ++i) d.request(list(i)).response("*100\r\n").response_gap(100);
  EXPECT_EQ(d.session().wanted_head(), 1u << 20);
}

// ---- joined in the middle ----

TEST(RedisLate, BeginsWithTheNextCommand) {
  SessionDriver d(kProtocol);
  d.joined_late();
  d.request("of a value\r\n").response("$5\r\nhello\r\n");
  d.request(get(1)).response(fail(1));
  EXPECT_THAT(pairs(d), ElementsAre("GET 1 E1"));
}

// ---- out of step ----

TEST(RedisStep, AnAnswerTheCommandCannotHaveGivesTheConnectionUp) {
  for (const std::string& told :
       {std::string(":1\r\n"), std::string("+OK\r\n"), array({"a"}), std::string("%0\r\n")}) {
    SessionDriver d(kProtocol);
    d.request(get(1)).response(told);
    EXPECT_THAT(d.ended(), IsEmpty()) << told;
    EXPECT_EQ(d.over(), ParseStatus::kHopeless) << told;
  }
}

TEST(RedisStep, AnAnswerTooManyGivesTheConnectionUp) {
  SessionDriver d(kProtocol);
  d.request(get(1)).response("$-1\r\n").response("$1\r\nx\r\n");
  EXPECT_EQ(d.over(), ParseStatus::kHopeless);
}

TEST(RedisStep, GarbageIsNeverASpan) {
  for (const std::string& bytes :
       {std::string("GET / HTTP/1.1\r\nHost: x\r\n\r\n"), std::string("\x16\x03\x01\x02\x00", 5),
        std::string("Q\0\0\0\x0dSELECT 1\0", 14), std::string("*3\n$3\nSET\n"),
        std::string("*1\r\n:1\r\n"), std::string("*99999999999999\r\n"),
        std::string("*2\r\n$3\r\nGETxx$1\r\na\r\n")}) {
    SessionDriver d(kProtocol);
    d.request(bytes).response("+OK\r\n").response(bytes);
    EXPECT_THAT(d.ended(), IsEmpty()) << bytes;
    d.finish();
    EXPECT_THAT(d.ended(), testing::Each(testing::Truly([](const test::Told& told) {
                  return told.outcome.error_type == "connection_closed";
                })));
  }
}

// ---- ends ----

TEST(RedisEnd, UnansweredCommands) {
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
    d.request(ask({"BLPOP", "k", "0"})).gone(first, reason);
    EXPECT_EQ(d.only().outcome.error_type, error);
    EXPECT_EQ(d.only().outcome.error, !error.empty());
  }
}

// Lines alone are no commands, answered or not: see others_test.cpp.
TEST(RedisEnd, ALineBehindAnArrayIsACommandThoughUnanswered) {
  SessionDriver d(kProtocol);
  d.request(ask({"PING"})).response("+PONG\r\n").request("GET k\r\n").gone(kResponse);
  EXPECT_THAT(pairs(d), ElementsAre("PING", "GET k connection_closed"));
}

TEST(RedisEnd, ShutdownIsAnsweredByTheEnd) {
  SessionDriver d(kProtocol);
  d.request(ask({"SHUTDOWN", "NOSAVE"})).gone(kResponse);
  EXPECT_FALSE(d.only().outcome.error);
}

TEST(RedisEnd, ACommandCutShortIsAbandoned) {
  SessionDriver d(kProtocol);
  d.request("*3\r\n$3\r\nSET\r\n$1\r\nk\r\n").gone(kRequest);
  EXPECT_EQ(d.abandoned(), 1u);
}

TEST(RedisEnd, QuitIsAnOrdinaryCommand) {
  SessionDriver d(kProtocol);
  d.request(ask({"QUIT"})).response("+OK\r\n").gone(kResponse);
  EXPECT_THAT(pairs(d), ElementsAre("QUIT"));
}

}  // namespace
}  // namespace weft::protocol::redis

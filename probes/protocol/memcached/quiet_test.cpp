// SPDX-License-Identifier: Apache-2.0
// Meta commands, and answers that do not come.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "probes/protocol/memcached/conversation_test.h"

namespace weft::protocol::memcached {
namespace {

using test::SessionDriver;
using testing::ElementsAre;
using testing::IsEmpty;

TEST(Meta, EveryCommandAndAnswer) {
  struct Exchange {
    std::string request, response, pair;
  };
  for (const auto& [request, response, expected] :
       std::vector<Exchange>{{"mg a", "EN", "mg a"},
                             {"mg a t", "HD t-1", "mg a t"},
                             {"mg a s v Oq1 k", "VA 2 s2 Oq1 ka\r\nhi", "mg a s v O? k"},
                             {"mg a v k O1", "EN", "mg a v k O?"},
                             {"mg a v O1", "EN O1", "mg a v O?"},
                             {"ms a 2\r\nhi", "HD", "ms a ?"},
                             {"ms a 2 MA T60\r\nhi", "NS", "ms a ? M? T?"},
                             {"ms a 2 C9\r\nhi", "EX", "ms a ? C?"},
                             {"ms a 2 C9\r\nhi", "NF", "ms a ? C?"},
                             {"md a q O1", "EX O1", "md a q O?"},
                             {"ma a v", "VA 1\r\n1", "ma a v"},
                             {"ma a D5", "HD", "ma a D?"},
                             {"me a", "ME a exp=-1 la=3", "me a"},
                             {"me a", "EN", "me a"},
                             {"mn", "MN", "mn"},
                             {"mg a v", "CLIENT_ERROR bad token", "mg a v CLIENT_ERROR"}}) {
    SessionDriver d(kProtocol);
    d.request(request + "\r\n").response(response + "\r\n");
    EXPECT_THAT(pairs(d), ElementsAre(expected)) << request;
    EXPECT_FALSE(d.over());
  }
}

TEST(Quiet, ALaterAnswerShowsThatThereWasNone) {
  SessionDriver d(kProtocol);
  d.request("mg a v q\r\nms b 1 q\r\nx\r\nmd c q\r\nmn\r\n");
  EXPECT_THAT(d.ended(), IsEmpty());
  d.response("MN\r\n");
  EXPECT_THAT(pairs(d), ElementsAre("mg a v q", "ms b ? q", "md c q", "mn"));
  EXPECT_EQ(d.ended()[0].outcome.end_time, 1000u);
  EXPECT_EQ(d.ended()[3].outcome.end_time, 2000u);
}

TEST(Quiet, TheOpaqueTokenTellsWhoseAnswerItIs) {
  SessionDriver d(kProtocol);
  d.request("mg a v q O1\r\nmg b v q O2\r\nmg c v q O3\r\nmn\r\n").response("VA 1 O2\r\nx\r\n");
  EXPECT_THAT(pairs(d), ElementsAre("mg a v q O?", "mg b v q O?"));
  EXPECT_EQ(d.ended()[1].outcome.end_time, 2000u);
  d.response("MN\r\n");
  EXPECT_THAT(pairs(d), ElementsAre("mg a v q O?", "mg b v q O?", "mg c v q O?", "mn"));
  EXPECT_EQ(d.abandoned(), 0u);
}

TEST(Quiet, TheKeyTellsWhoseAnswerItIs) {
  SessionDriver d(kProtocol);
  d.request("mg a v k q\r\nmg b v k q\r\nmg YQ== b k v q\r\nmn\r\n");
  d.response("VA 1 kb\r\nx\r\nVA 1 kYQ== b\r\nx\r\nMN\r\n");
  EXPECT_THAT(pairs(d), ElementsAre("mg a v k q", "mg b v k q", "mg YQ== b k v q", "mn"));
  EXPECT_EQ(d.ended()[1].outcome.end_time, 2000u);
  EXPECT_EQ(d.ended()[0].outcome.end_time, 1000u) << "a miss";
}

TEST(Quiet, WhatTheKindOfTheAnswerTells) {
  SessionDriver d(kProtocol);
  d.request("ms a 1 q\r\nx\r\nmg b v q\r\nmn\r\n").response("NS\r\nVA 1\r\nx\r\nMN\r\n");
  EXPECT_THAT(pairs(d), ElementsAre("ms a ? q", "mg b v q", "mn"));
  EXPECT_EQ(d.abandoned(), 0u);
}

TEST(Quiet, WhenTwoMayHaveItNoneIsTold) {
  SessionDriver d(kProtocol);
  d.request("mg a v q\r\nmg b v q\r\nmd c q\r\nmn\r\n").response("VA 1\r\nx\r\nMN\r\n");
  EXPECT_THAT(pairs(d), ElementsAre("md c q", "mn"));
  EXPECT_EQ(d.abandoned(), 2u);
  d.request("mg d v\r\n").response("EN\r\n");
  EXPECT_EQ(pairs(d).back(), "mg d v");
  EXPECT_EQ(d.abandoned(), 2u);
}

// One answer to two commands: it may as well be the last one's, that must have one.
TEST(Quiet, TheLastMayBeOneOfThem) {
  SessionDriver d(kProtocol);
  d.request("mg a v q\r\nmg b v\r\n").response("VA 1\r\nx\r\n");
  EXPECT_THAT(d.ended(), IsEmpty());
  EXPECT_EQ(d.abandoned(), 2u);
  d.response("VA 1\r\nx\r\n");
  d.request("mg c v\r\n").response("VA 1\r\nx\r\n").request("mn\r\n").response("MN\r\n");
  EXPECT_THAT(pairs(d), ElementsAre("mg c v", "mn"));
  EXPECT_FALSE(d.over());
}

TEST(Quiet, AnErrorIsSentAndMayBeOfAny) {
  SessionDriver d(kProtocol);
  d.request("mg a v q\r\nmn\r\n").response("SERVER_ERROR out of memory\r\nMN\r\n");
  EXPECT_THAT(pairs(d), ElementsAre("mg a v q SERVER_ERROR", "mn")) << "mn has no errors";
  d.request("ms a 1 q\r\nx\r\nms b 1 q\r\nx\r\nmn\r\n").response("SERVER_ERROR\r\nMN\r\n");
  EXPECT_THAT(pairs(d), ElementsAre("mg a v q SERVER_ERROR", "mn", "mn"));
  EXPECT_EQ(d.abandoned(), 2u);
}

TEST(Quiet, AcrossTurnsAnAnswerStillSettles) {
  SessionDriver d(kProtocol);
  d.request("ms a 1 q\r\nx\r\n").request("mg b v\r\n").response("EN\r\n");
  EXPECT_THAT(pairs(d), ElementsAre("ms a ? q", "mg b v"));
}

TEST(Quiet, UnansweredAtTheEndItsOutcomeIsNotKnown) {
  for (const CloseReason reason : {CloseReason::kEnd, CloseReason::kReset, CloseReason::kKilled}) {
    SessionDriver d(kProtocol);
    d.request("ms a 1 q\r\nx\r\nmd b q\r\n").gone(kRequest, reason);
    EXPECT_THAT(pairs(d), ElementsAre("ms a ? q unseen", "md b q unseen"));
    EXPECT_EQ(d.ended()[0].outcome.end_time, 1000u);
  }
}

TEST(Quiet, ThousandsWithoutAnAnswerAreToldInTheEnd) {
  SessionDriver d(kProtocol);
  d.request("mn\r\n").response("MN\r\n");
  for (int i = 0; i < 5000; ++i) d.request("md k q\r\n");
  d.request("mn\r\n").response("MN\r\n");
  EXPECT_EQ(d.ended().size(), 5002u);
  EXPECT_EQ(d.abandoned(), 0u);
}

}  // namespace
}  // namespace weft::protocol::memcached

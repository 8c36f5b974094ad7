// SPDX-License-Identifier: Apache-2.0
// Subscriptions, and other things that a server sends without a request.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "probes/protocol/redis/conversation_test.h"
#include "probes/protocol/redis/session.h"

namespace weft::protocol::redis {
namespace {

using test::SessionDriver;
using testing::ElementsAre;

std::string confirm(std::string_view kind, std::string_view channel, int total, char type) {
  return type + std::string("3\r\n") + bulk(kind) + bulk(channel) + ":" + std::to_string(total) +
         "\r\n";
}

class Channels : public testing::TestWithParam<char> {};

TEST_P(Channels, EachIsConfirmedAndTheLastEndsTheCommand) {
  const char type = GetParam();
  SessionDriver d(kProtocol);
  d.request(ask({"SUBSCRIBE", "a", "b"})).response(confirm("subscribe", "a", 1, type));
  EXPECT_EQ(d.open(), 1u);
  d.response(array({"message", "a", "x"}, type));
  d.response(confirm("subscribe", "b", 2, type));
  EXPECT_EQ(d.only().outcome.end_time, 4000u);
  d.response(array({"message", "a", "x"}, type) + array({"message", "b", "y"}, type));
  d.request(ask({"PSUBSCRIBE", "c*"}) + ask({"PING"}));
  d.response(array({"pmessage", "c*", "c1", "z"}, type) + confirm("psubscribe", "c*", 3, type) +
             array({"message", "a", "x"}, type) + array({"pong", ""}));
  d.request(ask({"UNSUBSCRIBE", "a", "b"}) + ask({"PUNSUBSCRIBE"}));
  d.response(confirm("unsubscribe", "a", 2, type) + array({"message", "b", "y"}, type) +
             confirm("unsubscribe", "b", 1, type) + confirm("punsubscribe", "c*", 0, type));
  d.request(ask({"GET", "k"})).response("-E5\r\n");
  EXPECT_THAT(pairs(d), ElementsAre("SUBSCRIBE ? ?", "PSUBSCRIBE ?", "PING", "UNSUBSCRIBE ? ?",
                                    "PUNSUBSCRIBE", "GET k E5"));
  EXPECT_FALSE(d.over());
}

TEST_P(Channels, WithoutANameEndsWhenNoneIsLeft) {
  const char type = GetParam();
  SessionDriver d(kProtocol);
  d.request(ask({"SUBSCRIBE", "a", "b"}));
  d.response(confirm("subscribe", "a", 1, type) + confirm("subscribe", "b", 2, type));
  d.request(ask({"PSUBSCRIBE", "p*"})).response(confirm("psubscribe", "p*", 3, type));
  d.request(ask({"UNSUBSCRIBE"}) + ask({"UNSUBSCRIBE"}) + ask({"PUNSUBSCRIBE"}) + ask({"PING"}));
  d.response(confirm("unsubscribe", "a", 2, type));
  EXPECT_THAT(pairs(d), ElementsAre("SUBSCRIBE ? ?", "PSUBSCRIBE ?"));
  const std::string none = std::string(1, type) + "3\r\n$11\r\nunsubscribe\r\n$-1\r\n:1\r\n";
  d.response(confirm("unsubscribe", "b", 1, type) + none + confirm("punsubscribe", "p*", 0, type));
  EXPECT_EQ(d.ended().size(), 5u);
  d.response("+PONG\r\n");
  d.request(ask({"LRANGE", "k", "0", "1"})).response(array({"message", "x", "y"}));
  EXPECT_THAT(pairs(d), ElementsAre("SUBSCRIBE ? ?", "PSUBSCRIBE ?", "UNSUBSCRIBE", "UNSUBSCRIBE",
                                    "PUNSUBSCRIBE", "PING", "LRANGE k ? ?"))
      << "an ordinary array once nothing is subscribed";
}

TEST_P(Channels, ARefusedSubscriptionHasOneAnswer) {
  SessionDriver d(kProtocol);
  d.request(ask({"SSUBSCRIBE", "a", "b"})).response("-MOVED 1 127.0.0.1:7000\r\n");
  d.request(ask({"GET", "k"})).response("-E1\r\n");
  EXPECT_THAT(pairs(d), ElementsAre("SSUBSCRIBE ? ? MOVED", "GET k E1"));
}

INSTANTIATE_TEST_SUITE_P(Resp, Channels, testing::Values('*', '>'));

TEST(RedisPush, AnswersNothing) {
  SessionDriver d(kProtocol);
  d.request(ask({"HELLO", "3"})).response("%1\r\n$5\r\nproto\r\n:3\r\n");
  d.request(ask({"GET", "a"}));
  d.response(">2\r\n$10\r\ninvalidate\r\n*1\r\n$1\r\na\r\n-E1\r\n");
  d.response(">2\r\n$10\r\ninvalidate\r\n_\r\n");
  d.request(ask({"GET", "b"})).response("-E2\r\n");
  EXPECT_THAT(pairs(d), ElementsAre("HELLO 3", "GET a E1", "GET b E2"));
}

// A replica's connection to its master, joined late: the master's commands are no requests.
TEST(RedisPush, AReplicasAcknowledgementIsNoAnswer) {
  for (const std::string& command :
       {ask({"SET", "k", "v"}), ask({"ZADD", "z", "1", "a"}), ask({"PING"})}) {
    SessionDriver d(kProtocol);
    d.joined_late();
    d.request(command).response(array({"REPLCONF", "ACK", "123"})).request(command);
    EXPECT_TRUE(d.ended().empty());
    EXPECT_EQ(d.over(), ParseStatus::kDone);
  }
}

TEST(RedisPush, JoinedOnASubscribedConnection) {
  SessionDriver d(kProtocol);
  d.joined_late();
  d.response(array({"message", "a", "x"}));
  d.request(ask({"PING"})).response(array({"message", "a", "x"}) + array({"pong", ""}));
  d.response(array({"message", "a", "x"}));
  EXPECT_THAT(pairs(d), ElementsAre("PING"));
  EXPECT_FALSE(d.over());
}

}  // namespace
}  // namespace weft::protocol::redis

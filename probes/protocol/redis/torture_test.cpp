// SPDX-License-Identifier: Apache-2.0
// Every conversation, with a split, an end, a hole and mutations at every byte.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "probes/protocol/redis/conversation_test.h"
#include "probes/protocol/redis/session.h"
#include "tests/support/session_torture.h"

namespace weft::protocol::redis {
namespace {

using test::Conversation;
using test::Part;
using test::SessionDriver;
using test::Told;
using testing::Contains;

const std::vector<Conversation>& conversations() {
  static const std::vector<Conversation> kAll = {
      {{kRequest, ask({"SET", "k", "a value"})}, {kResponse, "+OK\r\n"}},
      {{kRequest, ask({"SELECT", "2"}) + ask({"HMSET", "h", "f", "1"}) + ask({"GET", "k"})},
       {kResponse, "+OK\r\n+OK\r\n$3\r\na\r\n\r\n"},
       {kRequest, ask({"MULTI"}) + ask({"INCR", "n"}) + ask({"EXEC"})},
       {kResponse, "+OK\r\n+QUEUED\r\n*1\r\n-ERR no\r\n"}},
      {{kRequest, "*0\r\n" + ask({"PING"}) + "PING\r\nset k \"v\"\r\n"},
       {kResponse, "+PONG\r\n+PONG\r\n+OK\r\n"}},
      {{kRequest, ask({"HELLO", "3", "AUTH", "u", "p"})},
       {kResponse, "|1\r\n+a\r\n*1\r\n_\r\n%2\r\n$6\r\nserver\r\n$5\r\nredis\r\n+p\r\n:3\r\n"},
       {kRequest, ask({"SUBSCRIBE", "a", "b"})},
       {kResponse,
        ">3\r\n$9\r\nsubscribe\r\n$1\r\na\r\n:1\r\n>3\r\n$7\r\nmessage\r\n$1\r\na\r\n+x\r\n"},
       {kResponse, ">3\r\n$9\r\nsubscribe\r\n$1\r\nb\r\n:2\r\n"}},
      {{kRequest, ask({"SUBSCRIBE", "a"})},
       {kResponse, "*3\r\n$9\r\nsubscribe\r\n$1\r\na\r\n:1\r\n" + array({"message", "a", "x"})},
       {kRequest, ask({"PING"})},
       {kResponse, array({"message", "a", "y"}) + array({"pong", ""})}},
      {{kRequest, ask({"EVAL", "x", "0"})},
       {kResponse, "*?\r\n$?\r\n;2\r\nab\r\n;0\r\n*?\r\n.\r\n.\r\n"}},
      {{kRequest, ask({"CLIENT", "REPLY", "SKIP"}) + ask({"DEL", "a"}) + ask({"GET", "b"})},
       {kResponse, "!9\r\nWRONG not\r\n"}},
      {{kRequest, ask({"MONITOR"})}, {kResponse, "+OK\r\n+1.1 [0] \"x\"\r\n"}}};
  return kAll;
}

TEST(RedisSplits, EverySplitTellsTheSame) {
  for (const Conversation& parts : conversations()) {
    for (const Role role : {Role::kServer, Role::kClient}) {
      test::every_split(kProtocol, parts, as(role));
    }
  }
}

TEST(RedisSplits, WholeConversationsAreTold) {
  for (const Conversation& parts : conversations()) {
    for (const Role role : {Role::kServer, Role::kClient}) {
      SessionDriver d(kProtocol, as(role));
      test::play(d, parts);
      d.finish();
      EXPECT_EQ(d.abandoned(), 0u) << test::signature(d);
    }
  }
}

TEST(RedisTruncation, AtEveryByteNothingIsInvented) {
  for (const Conversation& parts : conversations()) {
    test::no_end_invents(kProtocol, parts, pair);
  }
}

// Messages of one command, or of three; each reply shows its command.
Conversation numbered(std::vector<std::string>& expected) {
  Conversation parts;
  for (int turn = 0; turn < 5; ++turn) {
    Part asked{kRequest, ""};
    Part told{kResponse, ""};
    for (int i = 0; i < (turn % 2 ? 3 : 1); ++i) {
      const std::string n = std::to_string(turn * 10 + i);
      asked.second += i ? ask({"SET", n, "a value that is longer"}) : ask({"EVALSHA", n, "0"});
      told.second += i == 1 ? "!8\r\nE" + std::string(2 - n.size(), '0') + n + " text\r\n"
                            : "-E" + std::string(2 - n.size(), '0') + n + "\r\n";
      expected.push_back((i ? "SET " + n + " ?" : "EVALSHA " + n + " ?") + " E" +
                         std::string(2 - n.size(), '0') + n);
    }
    parts.push_back(asked);
    parts.push_back(told);
  }
  return parts;
}

// The most important property: whatever is missed, a reported pair is a true one.
TEST(RedisHoles, AtEveryByteNoPairIsWrong) {
  std::vector<std::string> expected;
  const Conversation parts = numbered(expected);
  test::every_hole(kProtocol, parts, [&](const SessionDriver& d, size_t behind) {
    for (const Told& told : d.ended()) {
      // A hole within the words themselves leaves fewer of them.
      if (told.outcome.error_type.empty()) continue;
      ASSERT_THAT(expected, Contains(pair(told)));
    }
    if (behind < 2) return;
    ASSERT_THAT(pairs(d), Contains(expected.back())) << "it finds back in step";
  });
}

TEST(RedisMutations, NeverCrashNorStayOpen) {
  test::mutations(kProtocol, conversations(), "\r\n*$1", 3000);
}

}  // namespace
}  // namespace weft::protocol::redis

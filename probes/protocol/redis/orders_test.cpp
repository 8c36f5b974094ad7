// SPDX-License-Identifier: Apache-2.0
// A lost record, and the ends of both directions in any order.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "probes/protocol/redis/conversation_test.h"
#include "tests/support/session_orders.h"

namespace weft::protocol::redis {
namespace {

using test::Conversation;

// Keep-alive, each exchange in other records; replies of every shape.
Conversation keep_alive() {
  Conversation c;
  const auto both = test::exchanges_into(c);
  for (const char* round : {"x", "y", "z"}) {
    both({ask({"GET", round})}, {"$5\r\nhello\r\n"});
    both({ask({"SET", round, "v"})}, {"+OK\r\n"});
    both({"*2\r\n$3\r\nGET\r\n", bulk("split")}, {"$5\r\n", "hello\r\n"});
    both({ask({"LRANGE", round, "0", "9"})}, {"*2\r\n$1\r\na\r\n", "$1\r\nb\r\n"});
    both({ask({"INCR", round})}, {":1\r\n"});
    both({ask({"INCR", "wrong"})}, {"-ERR no number\r\n"});
    both({"*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$10\r\n", "0123456789\r\n"}, {"+OK\r\n"});
    both({ask({"HGETALL", round})}, {"*2\r\n$1\r\na\r\n$1\r\n", "b\r\n"});
  }
  return c;
}

TEST(RedisLoss, OfAnyRecordIsForgottenSoon) {
  for (const Role role : {Role::kServer, Role::kClient}) {
    test::every_loss(kProtocol, keep_alive(), as(role));
  }
}

TEST(RedisHalfClose, InAnyOrderTellsEveryAnswer) {
  const auto command = [](const test::Told& told) {
    return text(told) + " " +
           std::string(told.outcome.attributes.text(semconv::kDbResponseStatusCode));
  };
  for (const Role role : {Role::kServer, Role::kClient}) {
    test::HalfCloses(kProtocol, as(role), {{kRequest, ask({"PING"})}, {kResponse, "+PONG\r\n"}},
                     {.requests = {ask({"INCR", "a"}), ask({"INCR", "b"}), ask({"INCR", "c"})},
                      .answers = {":1\r\n", "-ERR no\r\n", "-OOM no\r\n"},
                      .pair = command,
                      .answered = {"INCR a ", "INCR b ERR", "INCR c OOM"},
                      .unanswered = {"INCR a ", "INCR b ", "INCR c "}})
        .run();
  }
}

}  // namespace
}  // namespace weft::protocol::redis

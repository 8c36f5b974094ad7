// SPDX-License-Identifier: Apache-2.0
// The ends of both directions in any order.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "probes/protocol/redis/conversation_test.h"
#include "tests/support/session_orders.h"

namespace weft::protocol::redis {
namespace {

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

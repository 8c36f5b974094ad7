// SPDX-License-Identifier: Apache-2.0
// A lost record, and the ends of both directions in any order.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "probes/protocol/memcached/conversation_test.h"
#include "tests/support/session_orders.h"

namespace weft::protocol::memcached {
namespace {

using test::Conversation;

// Keep-alive, each exchange in other records; answers of every shape.
Conversation keep_alive() {
  Conversation c;
  const auto both = test::exchanges_into(c);
  for (const std::string round : {"x", "y", "z"}) {
    both({"get " + round + "\r\n"}, {value(round, "hello") + "END\r\n"});
    both({"set " + round + " 0 0 1\r\n", "v\r\n"}, {"STORED\r\n"});
    both({"get sp", "lit\r\n"}, {"VALUE split 0 5\r\n", "hello\r\n", "END\r\n"});
    both({"incr n 1\r\n"}, {"1\r\n"});
    both({"incr wrong 1\r\n"}, {"CLIENT_ERROR no number\r\n"});
    both({"set k 0 0 10\r\n", "0123456789\r\n"}, {"NOT_STORED\r\n"});
    both({"mg " + round + " v\r\n"}, {"VA 1\r\n", "b\r\n"});
    both({"stats\r\n"}, {"STAT a 1\r\n", "STAT b 2\r\nEND\r\n"});
  }
  return c;
}

TEST(Loss, OfAnyRecordIsForgottenSoon) {
  for (const Role role : {Role::kServer, Role::kClient}) {
    test::every_loss(kProtocol, keep_alive(), as(role));
  }
}

TEST(HalfClose, InAnyOrderTellsEveryAnswer) {
  const auto command = [](const test::Told& told) {
    return text(told) + " " +
           std::string(told.outcome.attributes.text(semconv::kDbResponseStatusCode));
  };
  for (const Role role : {Role::kServer, Role::kClient}) {
    test::HalfCloses(kProtocol, as(role), {{kRequest, "version\r\n"}, {kResponse, "VERSION 1\r\n"}},
                     {.requests = {"incr a 1\r\n", "incr b 1\r\n", "incr c 1\r\n"},
                      .answers = {"1\r\n", "CLIENT_ERROR no\r\n", "SERVER_ERROR no\r\n"},
                      .pair = command,
                      .answered = {"incr a ? ", "incr b ? CLIENT_ERROR", "incr c ? SERVER_ERROR"},
                      .unanswered = {"incr a ? ", "incr b ? ", "incr c ? "}})
        .run();
  }
}

}  // namespace
}  // namespace weft::protocol::memcached

// SPDX-License-Identifier: Apache-2.0
// The ends of both directions in any order.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "probes/protocol/postgresql/conversation_test.h"
#include "tests/support/session_orders.h"

namespace weft::protocol::postgresql {
namespace {

std::string extended(const std::string& text) {
  return parse("", text) + bind_portal("", "") + execute() + kSync;
}

TEST(PostgresqlHalfClose, InAnyOrderTellsEveryAnswer) {
  const auto statement = [](const test::Told& told) {
    return told.outcome.name + " " +
           std::string(told.outcome.attributes.text(semconv::kDbResponseStatusCode));
  };
  for (const Role role : {Role::kServer, Role::kClient}) {
    test::HalfCloses(kProtocol, as(role), {{kRequest, startup()}, {kResponse, greeting()}},
                     {.requests = {query("SELECT 1 FROM a"), extended("SELECT 1 FROM b"),
                                   query("SELECT 1 FROM c")},
                      .answers = {rows() + ready(), kParsed + kBound + error("22012") + ready(),
                                  error("42P01") + ready()},
                      .pair = statement,
                      .answered = {"SELECT a ", "SELECT b 22012", "SELECT c 42P01"},
                      .unanswered = {"SELECT a ", "SELECT b ", "SELECT c "}})
        .run();
  }
}

}  // namespace
}  // namespace weft::protocol::postgresql

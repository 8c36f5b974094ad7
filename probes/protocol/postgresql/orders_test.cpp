// SPDX-License-Identifier: Apache-2.0
// A lost record, and the ends of both directions in any order.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "probes/protocol/postgresql/conversation_test.h"
#include "tests/support/session_orders.h"

namespace weft::protocol::postgresql {
namespace {

using test::Conversation;

std::string extended(const std::string& text) {
  return parse("", text) + bind_portal("", "") + execute() + kSync;
}

// Keep-alive, each exchange in other records.
Conversation keep_alive() {
  Conversation c;
  const auto both = test::exchanges_into(c);
  both({startup()}, {greeting()});
  for (const std::string& t : {std::string("x"), std::string("y"), std::string("z")}) {
    both({query("SELECT a FROM " + t + "0")}, {rows() + ready()});
    both({query("SELECT a FROM " + t + "1")}, {columns(), row() + complete("SELECT 1") + ready()});
    both({extended("SELECT a FROM " + t + "2")}, {kParsed + kBound + rows() + ready()});
    both({parse("", "SELECT a FROM " + t + "3"), bind_portal("", "") + execute() + kSync},
         {kParsed + kBound, rows(), ready()});
    const std::string name = "s" + t;
    both({parse(name, "SELECT a FROM " + t + "7") + describe('S', name) + kFlush},
         {kParsed + columns()});
    both({bind_portal("", name) + execute() + kSync}, {kBound + rows() + ready()});
    both({parse("", "SELECT b FROM " + t + "8") + describe('S', "") + kSync},
         {kParsed + columns() + ready()});
    both({bind_portal("", "") + execute() + kSync}, {kBound + error("22003"), ready()});
    both({query("UPDATE " + t + "4 SET a = 1")}, {error("23505") + ready()});
    both({extended("SELECT a FROM " + t + "5")}, {kParsed + kBound + error("22012"), ready()});
    both({query("SELECT a FROM " + t + "6")},
         {columns(), row(std::string(100, 'r')), row("s") + complete("SELECT 2") + ready()});
  }
  for (int i = 0; i < 4; ++i)
    both({query("SELECT a FROM last" + std::to_string(i))}, {rows() + ready()});
  return c;
}

TEST(PostgresqlLoss, OfAnyRecordIsForgottenSoon) {
  for (const Role role : {Role::kServer, Role::kClient}) {
    test::every_loss(kProtocol, keep_alive(), as(role));
  }
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

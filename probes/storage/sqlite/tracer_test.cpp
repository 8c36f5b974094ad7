// SPDX-License-Identifier: Apache-2.0
#include "probes/storage/sqlite/tracer.h"

#include <gtest/gtest.h>

#include "agent/base/semconv.h"
#include "agent/sql/sql.h"
#include "probes/storage/sqlite/result.h"

namespace weft::engine::sqlite {
namespace {

SpanTree told(const ProbedCall& call, const IoSummary& summary = {}) {
  SpanTree tree;
  EXPECT_TRUE(make_tracer()->call(call, summary, tree));
  EXPECT_EQ(tree.attributes.text(semconv::kDbSystemName), "sqlite");
  return tree;
}

ProbedCall step(uint64_t result, std::string_view text = {}) {
  return {.number = kStep, .result = result, .text = text};
}

TEST(Sqlite, AStatementIsNamedByItsSummary) {
  const std::string_view text = "insert into t(name) values ('secret')";
  const sql::Statement clean = sql::sanitize(text, sql::Dialect::kSqlite);
  const SpanTree tree = told(step(101, text));
  EXPECT_EQ(tree.name, clean.summary.empty() ? "sqlite" : clean.summary);
  EXPECT_EQ(tree.attributes.text(semconv::kDbQueryText), clean.text);
  EXPECT_EQ(tree.attributes.text(semconv::kDbQueryText).find("secret"), std::string_view::npos);
  EXPECT_EQ(told(step(101)).name, "sqlite");
}

TEST(Sqlite, WhatHasNoTextIsSqlitesOwn) {
  ProbedCall call = step(101);
  call.no_text = true;
  SpanTree tree;
  EXPECT_FALSE(make_tracer()->call(call, {}, tree));
}

TEST(Sqlite, DoneIsNoErrorAndBusyIs) {
  EXPECT_EQ(told(step(101)).error_type, "");
  const SpanTree busy = told(step(5));
  EXPECT_EQ(busy.error_type, "SQLITE_BUSY");
  EXPECT_EQ(busy.attributes.text(semconv::kDbResponseStatusCode), "SQLITE_BUSY");
}

TEST(Sqlite, AStatementThatIsResetHasNoResult) {
  ProbedCall call = step(5);
  call.interrupted = true;
  EXPECT_EQ(told(call).error_type, "");
}

TEST(Sqlite, TheUpperHalfOfTheRegisterIsNotTheResult) {
  EXPECT_EQ(told(step(0xdeadbeef00000000 | 101)).error_type, "");
}

TEST(Sqlite, TheDatabaseIsKnownByItsLog) {
  const auto database = [](std::string_view file) {
    return std::string(told(step(101), {.file = file}).attributes.text(semconv::kDbNamespace));
  };
  EXPECT_EQ(database("/var/a.db-wal"), "/var/a.db");
  EXPECT_EQ(database("/var/a.db-journal"), "/var/a.db");
  EXPECT_EQ(database("…/a.db-wal"), "") << "cut";
  EXPECT_EQ(database(""), "");
}

TEST(Sqlite, CheckpointsAndWaits) {
  const SpanTree checkpoint = told({.number = kCheckpoint, .result = 0, .values = {3}});
  EXPECT_EQ(checkpoint.name, "wal.checkpoint");
  EXPECT_EQ(checkpoint.attributes.text(semconv::kWalCheckpointMode), "truncate");
  EXPECT_EQ(
      told({.number = kCheckpoint, .values = {9}}).attributes.find(semconv::kWalCheckpointMode),
      nullptr);
  EXPECT_EQ(told({.number = kBusy, .result = 1}).name, "wal.wait");
}

TEST(SqliteResult, Names) {
  EXPECT_FALSE(is_error(0));
  EXPECT_FALSE(is_error(100));
  EXPECT_TRUE(is_error(1));
  EXPECT_EQ(result_name(1), "SQLITE_ERROR");
  EXPECT_EQ(result_name(19), "SQLITE_CONSTRAINT");
  EXPECT_EQ(result_name(28), "SQLITE_WARNING");
  EXPECT_EQ(result_name(2067), "SQLITE_CONSTRAINT_UNIQUE");
  EXPECT_EQ(result_name(10 | 77 << 8), "SQLITE_IOERR") << "the primary code's";
  EXPECT_EQ(result_name(99), "99");
}

}  // namespace
}  // namespace weft::engine::sqlite

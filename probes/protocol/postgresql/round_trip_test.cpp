// SPDX-License-Identifier: Apache-2.0
// Extra round trips of drivers: which of them belong to the statement.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "probes/protocol/postgresql/conversation_test.h"
#include "probes/protocol/postgresql/session.h"

namespace weft::protocol::postgresql {
namespace {

using test::SessionDriver;
using test::Told;
using testing::ElementsAre;
using testing::IsEmpty;

const std::string kDescribed = message('t', be(0, 2)) + columns();
const std::string kParse = parse("", "SELECT a FROM t WHERE b = $1") + describe('S', "");
const std::string kRun = bind_portal("", "") + execute();
const std::string kText = "|SELECT a FROM t WHERE b = $1";

// The times of the events named db.prepare.
std::vector<uint64_t> prepared(const Told& told) {
  std::vector<uint64_t> out;
  for (const Moment& event : told.outcome.events) {
    if (event.name == "db.prepare") out.push_back(event.time);
  }
  return out;
}

TEST(PostgresqlRoundTrips, AnUnnamedParseIsPartOfWhatExecutesIt) {
  for (const std::string& end : {kSync, kFlush}) {
    SessionDriver d(kProtocol);
    d.request(kParse + end).response(kParsed + kDescribed + (end == kSync ? ready() : ""));
    EXPECT_THAT(d.ended(), IsEmpty());
    d.request(kRun + kSync).response(kBound + rows() + ready());
    EXPECT_THAT(shown(d), ElementsAre("SELECT t " + kText));
    const Told told = d.only();
    EXPECT_EQ(told.start.stamp.time, 1000u);
    EXPECT_EQ(told.start.pos, 0u);
    EXPECT_EQ(told.outcome.end_time, 4000u);
    EXPECT_THAT(prepared(told), ElementsAre(1000u));
    EXPECT_EQ(told.went_on, 2u) << "the exchange in which it is executed";
    EXPECT_EQ(told.start.batch, end == kSync ? 1u : 0u);
    d.finish();
  }
}

TEST(PostgresqlRoundTrips, EachExecutionBehindItIsOne) {
  SessionDriver d(kProtocol);
  d.request(kParse + kSync).response(kParsed + kDescribed + ready());
  for (int i = 0; i < 3; ++i) d.request(kRun + kSync).response(kBound + rows() + ready());
  EXPECT_EQ(d.ended().size(), 3u);
  EXPECT_THAT(prepared(d.ended()[0]), ElementsAre(1000u));
  EXPECT_THAT(prepared(d.ended()[1]), IsEmpty());
  EXPECT_EQ(d.ended()[1].start.stamp.time, 5000u);
}

// Described first, and then parsed again with its parameters' types.
TEST(PostgresqlRoundTrips, ParsedAgainItIsTheSameStatement) {
  SessionDriver d(kProtocol);
  d.request(kParse + kSync).response(kParsed + kDescribed + ready());
  d.request(kParse + kRun + kSync).response(kParsed + kDescribed + kBound + rows() + ready());
  EXPECT_THAT(shown(d), ElementsAre("SELECT t " + kText));
  EXPECT_THAT(prepared(d.only()), ElementsAre(1000u));
}

TEST(PostgresqlRoundTrips, InOneRoundTripThereIsNoEvent) {
  SessionDriver d(kProtocol);
  d.request(kParse + kRun + kSync).response(kParsed + kDescribed + kBound + rows() + ready());
  EXPECT_THAT(prepared(d.only()), IsEmpty());
}

TEST(PostgresqlRoundTrips, AnUnnamedParseThatNothingExecutesIsAPrepare) {
  const std::string other = parse("", "DELETE FROM u") + kRun + kSync;
  const std::string named = bind_portal("", "s") + execute() + kSync;
  for (const std::string& next : {query("SELECT 1"), other, named, close_name('S', "") + kSync,
                                  std::string(), bind_portal("", "") + kSync}) {
    SessionDriver d(kProtocol);
    d.request(kParse + kSync).response(kParsed + kDescribed + ready());
    if (!next.empty()) d.request(next).response(complete("X") + ready());
    d.finish();
    ASSERT_FALSE(d.ended().empty());
    EXPECT_EQ(shown(d.ended()[0]), "PREPARE SELECT t " + kText);
    EXPECT_EQ(d.ended()[0].outcome.end_time, 2000u);
    EXPECT_EQ(d.ended()[0].outcome.attributes.text(semconv::kDbOperationName), "PREPARE");
    EXPECT_EQ(d.abandoned(), 0u);
  }
}

TEST(PostgresqlRoundTrips, AnUnnamedParseThatFailsIsItsStatementsFailure) {
  SessionDriver d(kProtocol);
  d.request(kParse + kSync).response(error("42P01") + ready());
  EXPECT_THAT(shown(d), ElementsAre("SELECT t 42P01" + kText));
  EXPECT_EQ(d.only().outcome.attributes.text(semconv::kDbOperationName), "");
}

TEST(PostgresqlRoundTrips, ExecutionOfItThatFails) {
  SessionDriver d(kProtocol);
  d.request(kParse + kSync).response(kParsed + kDescribed + ready());
  d.request(kRun + kSync).response(kBound + error("22012") + ready());
  EXPECT_THAT(shown(d), ElementsAre("SELECT t 22012" + kText));
  EXPECT_THAT(prepared(d.only()), ElementsAre(1000u));
}

// Sent before the Parse was answered: it would be unknown which of them failed.
TEST(PostgresqlRoundTrips, PipelinedTheyAreTwo) {
  SessionDriver d(kProtocol);
  d.request(kParse + kSync + kRun + kSync);
  d.response(kParsed + kDescribed + ready() + kBound + rows() + ready());
  EXPECT_THAT(shown(d), ElementsAre("PREPARE SELECT t " + kText, "SELECT t " + kText));
}

TEST(PostgresqlRoundTrips, ANamedParseIsAPrepare) {
  SessionDriver d(kProtocol);
  d.request(parse("s", "SELECT a FROM t WHERE b = $1") + describe('S', "s") + kSync);
  d.response(kParsed + kDescribed + ready());
  EXPECT_THAT(shown(d), ElementsAre("PREPARE SELECT t " + kText));
  EXPECT_EQ(d.only().outcome.attributes.text(semconv::kDbQuerySummary), "PREPARE SELECT t");
  d.request(query("PREPARE q AS SELECT a FROM t")).response(complete("PREPARE") + ready());
  EXPECT_EQ(d.ended()[1].outcome.name, "PREPARE SELECT t") << "as SQL's own";
}

TEST(PostgresqlRoundTrips, ASummaryThatLeavesNoRoomKeepsItsOperation) {
  SessionDriver d(kProtocol);
  d.request(parse("s", "SELECT 1 FROM " + std::string(245, 't')) + kSync);
  d.response(kParsed + ready());
  EXPECT_EQ(d.only().outcome.name, "PREPARE SELECT");
}

TEST(PostgresqlRoundTrips, AHoleLeavesNothingOpen) {
  SessionDriver d(kProtocol);
  d.request(kParse + kSync).response(kParsed + kDescribed + ready());
  d.request_gap(100).response(kBound + rows() + ready());
  d.request(query("SELECT 1")).response(rows() + ready());
  EXPECT_THAT(shown(d), ElementsAre("PREPARE SELECT t " + kText, "SELECT |SELECT ?"));
  d.finish();
}

}  // namespace
}  // namespace weft::protocol::postgresql

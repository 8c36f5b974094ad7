// SPDX-License-Identifier: Apache-2.0
// Holes, truncations, splits, and unusual ends.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "probes/protocol/postgresql/conversation_test.h"
#include "probes/protocol/postgresql/session.h"
#include "tests/support/session_torture.h"

namespace weft::protocol::postgresql {
namespace {

using test::Conversation;
using test::Part;
using test::play;
using test::SessionDriver;
using test::Told;
using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;

// Exchange i has i in its text and in its error, by which a wrong pair is recognised.
Conversation conversation() {
  Conversation parts;
  const auto add = [&](const std::string& ask, const std::string& tell) {
    parts.emplace_back(kRequest, ask);
    parts.emplace_back(kResponse, tell);
  };
  const std::string bound = bind_portal("", "s3") + describe('P', "") + execute() + kSync;
  add(startup(), greeting());
  add(query("SELECT a FROM t1"), columns() + row("x") + error("00001") + ready());
  add(parse("", "SELECT a FROM t2") + bind_portal("", "") + execute() + kSync,
      kParsed + kBound + columns() + row("y") + error("00002") + ready());
  add(parse("s3", "SELECT a FROM t3") + kSync, kParsed + ready());
  add(bound, kBound + columns() + row("z") + error("00003") + ready());
  add(query("SELECT a FROM t5"), notice("01000") + columns() + row("u") + error("00005") + ready());
  return parts;
}

// The table's number and the error's; "-" if it was not seen.
std::string pair(const Told& told) {
  const std::string_view text = told.outcome.attributes.text(semconv::kDbQueryText);
  const std::string_view code = told.outcome.attributes.text(semconv::kDbResponseStatusCode);
  const bool whole = !text.empty() && text.back() >= '0' && text.back() <= '9';
  return (whole ? std::string(1, text.back()) : "-") + " " +
         (code.empty() ? "-" : std::string(code.substr(4)));
}

std::vector<std::string> pairs(const SessionDriver& d) {
  std::vector<std::string> out;
  for (const Told& told : d.ended()) out.push_back(pair(told));
  return out;
}

bool right(const std::string& pair) {
  return pair[0] == pair[2] || pair[0] == '-' || pair[2] == '-';
}

TEST(PostgresqlSplits, EverySplitTellsTheSame) {
  SessionDriver whole(kProtocol);
  play(whole, conversation());
  EXPECT_THAT(pairs(whole), ElementsAre("1 1", "2 2", "3 -", "3 3", "5 5"));
  for (const Role role : {Role::kServer, Role::kClient}) {
    test::every_split(kProtocol, conversation(), as(role));
  }
}

TEST(PostgresqlTruncation, AtEveryByteNothingIsInvented) {
  test::every_end(kProtocol, conversation(), [](const SessionDriver& d) {
    for (const std::string& each : pairs(d)) ASSERT_TRUE(right(each)) << each;
  });
}

// The most important property: whatever is missed, a reported pair is a true one.
TEST(PostgresqlHoles, AtEveryByteNoPairIsWrong) {
  test::every_hole(kProtocol, conversation(), [](const SessionDriver& d, size_t behind) {
    for (const std::string& each : pairs(d)) ASSERT_TRUE(right(each)) << each;
    if (behind < 2) return;
    ASSERT_THAT(pairs(d), Contains("5 5")) << "it finds back in step";
  });
}

TEST(PostgresqlHoles, WholeRecordsThatNobodyTellsOf) {
  const Conversation parts = conversation();
  for (size_t which = 0; which + 2 < parts.size(); ++which) {
    SessionDriver d(kProtocol);
    for (size_t i = 0; i < parts.size(); ++i) {
      if (i == which) continue;  // noticed at the direction's next record
      if (i > which && (i - which) == 2) d.gap(parts[i].first, parts[which].second.size());
      d.bytes(parts[i].first, parts[i].second);
    }
    d.finish();
    for (const std::string& each : pairs(d)) EXPECT_TRUE(right(each)) << each << " " << which;
    EXPECT_FALSE(d.over()) << which;
  }
}

TEST(PostgresqlHoles, ResultOfAMegabyteInRowsOfAnySize) {
  for (const size_t size : {size_t{1}, size_t{90}, size_t{9000}, size_t{1000000}}) {
    std::string result = columns();
    while (result.size() < 1000000) result += row(std::string(size, 'r'));
    SessionDriver shown_whole(kProtocol);
    shown_whole.request(query("SELECT a FROM t1")).response(result + complete("SELECT 9"), 8192);
    shown_whole.response(ready());
    EXPECT_EQ(shown_whole.ended().size(), 1u);
    // As the kernel captures it: the head, then the first bytes of each record.
    SessionDriver d(kProtocol);
    d.request(query("SELECT a FROM t1"));
    result += complete("SELECT 9") + ready();
    d.response(result.substr(0, 4096)).response_gap(4096);
    for (size_t at = 8192; at < result.size(); at += 8192) {
      const size_t length = std::min<size_t>(8192, result.size() - at);
      d.response(result.substr(at, std::min<size_t>(256, length)));
      if (length > 256) d.response_gap(length - 256);
    }
    const size_t after = d.ended().size();
    d.request(query("SELECT a FROM t2")).response(rows() + ready());
    EXPECT_THAT(pairs(d), ElementsAre("1 -", "2 -")) << size << " " << after;
    EXPECT_EQ(d.abandoned(), 0u);
    EXPECT_GT(d.session().wanted_head(), 4096u);
    d.finish();
  }
}

TEST(PostgresqlHoles, ResultEndsAtAReadyForQueryInSight) {
  SessionDriver d(kProtocol);
  d.request(query("SELECT a FROM t1")).response(columns() + row()).response_gap(100000);
  d.response("rest of a row" + complete("SELECT 3") + ready());
  EXPECT_EQ(d.only().outcome.end_time, 4000u);
  EXPECT_FALSE(d.only().outcome.error);
}

TEST(PostgresqlHoles, OverTheResultsOfSeveralBatchesAbandonsThem) {
  SessionDriver d(kProtocol);
  const std::string one = parse("", "SELECT a FROM t1") + bind_portal("", "") + execute() + kSync;
  d.request(one + one).response(kParsed + kBound + columns() + row()).response_gap(5000);
  d.response(complete("SELECT 1") + ready());
  EXPECT_THAT(d.ended(), IsEmpty());
  EXPECT_EQ(d.abandoned(), 2u);
  d.request(query("SELECT a FROM t2")).response(rows() + ready());
  EXPECT_THAT(pairs(d), ElementsAre("2 -"));
}

TEST(PostgresqlHoles, OverTheExecuteBehindLargeParameters) {
  SessionDriver d(kProtocol);
  const std::string large = bind_portal("", "s1", std::string(100000, 'p')) + execute() + kSync;
  d.request(parse("s1", "INSERT INTO t1") + kSync).response(kParsed + ready());
  for (int i = 0; i < 2; ++i) {
    d.request(large.substr(0, 16384)).request_gap(large.size() - 16384);
    d.response(kBound + complete("INSERT 0 1")).response(ready());
  }
  ASSERT_EQ(d.ended().size(), 3u);
  EXPECT_EQ(shown(d.ended()[1]), "INSERT t1 |INSERT INTO t1");
  EXPECT_EQ(shown(d.ended()[2]), "INSERT t1 |INSERT INTO t1") << "too small a hole to forget for";
  EXPECT_EQ(d.ended()[1].outcome.end_time, 6000u);
}

TEST(PostgresqlHoles, OverWhatFollowsALongParse) {
  const std::string bytes = parse("", "INSERT INTO t1" + std::string(50000, ' ')) +
                            bind_portal("", "") + execute() + kSync;
  SessionDriver executed(kProtocol);
  executed.request(bytes.substr(0, 16384)).request_gap(bytes.size() - 16384);
  executed.response(kParsed + kBound + complete("INSERT 0 1") + ready());
  EXPECT_EQ(shown(executed.only()), "INSERT t1 |INSERT INTO t1");
  SessionDriver prepared(kProtocol);
  prepared.request(bytes.substr(0, 16384)).request_gap(50100 - 16384).response(kParsed + ready());
  EXPECT_EQ(prepared.only().outcome.attributes.text(semconv::kDbOperationName), "PREPARE");
}

TEST(PostgresqlHoles, NamesThatMayStandForSomethingElseAreForgotten) {
  const std::string named = parse("s", "SELECT a FROM t1") + kSync;
  const std::string run = bind_portal("", "s") + execute() + kSync;
  SessionDriver answer(kProtocol);
  answer.request(named).response_gap(11).request(run).response(kBound + rows() + ready());
  EXPECT_EQ(shown(answer.only()), "SELECT |");
  SessionDriver request(kProtocol);
  request.request(named).response(kParsed + ready()).request_gap(50).response(kParsed + ready());
  request.request(run).response(kBound + rows() + ready());
  EXPECT_EQ(shown(request.ended()[1]), "SELECT |");
}

TEST(PostgresqlHoles, OnAnOverlappingConnectionGiveItUp) {
  SessionDriver d(kProtocol);
  const std::string one = parse("", "SELECT a FROM t1") + bind_portal("", "") + execute() + kSync;
  const std::string answer = kParsed + kBound + rows() + ready();
  d.request(one).response(kParsed).request(one).response(answer.substr(5) + kParsed).request(one);
  d.response_gap(100).response(answer);
  EXPECT_EQ(d.over(), ParseStatus::kHopeless);
  EXPECT_EQ(d.ended().size(), 1u);
  EXPECT_EQ(d.abandoned(), 2u);
}

TEST(PostgresqlLate, JoinsAtAnyMessageOfEitherSide) {
  SessionDriver d(kProtocol);
  d.joined_late();
  d.request("rest of a message").response(complete("SELECT 1") + ready());
  EXPECT_THAT(d.told(), IsEmpty());
  d.request(query("SELECT a FROM t1")).response("rest of a row");
  d.request(query("SELECT a FROM t2")).response(columns() + row() + complete("SELECT 1") + ready());
  EXPECT_THAT(pairs(d), Contains("2 -"));
  for (const std::string& each : pairs(d)) EXPECT_TRUE(right(each));
  d.finish();
}

// ---- ends ----

struct EndCase {
  const char* name;
  Role role;
  std::string response;
  Direction first;
  CloseReason reason;
  std::string error_type;
};

class PostgresqlEnd : public testing::TestWithParam<EndCase> {};

TEST_P(PostgresqlEnd, IsToldAsTheTableSays) {
  const EndCase& c = GetParam();
  SessionDriver d(kProtocol, as(c.role));
  d.request(query("SELECT a FROM t1")).response(c.response).gone(c.first, c.reason);
  EXPECT_EQ(d.only().outcome.error_type, c.error_type);
  EXPECT_EQ(d.only().outcome.error, !c.error_type.empty());
}

constexpr Role kServer = Role::kServer;
constexpr Role kClient = Role::kClient;
constexpr CloseReason kOrderly = CloseReason::kEnd;
const std::string kFatal = error("57P01", "FATAL");

INSTANTIATE_TEST_SUITE_P(
    Table, PostgresqlEnd,
    testing::Values(
        EndCase{"server_reset", kServer, "", kResponse, CloseReason::kReset, "connection_reset"},
        EndCase{"client_reset", kClient, columns(), kRequest, CloseReason::kReset,
                "connection_reset"},
        EndCase{"server_killed", kServer, "", kResponse, CloseReason::kKilled, "process_exited"},
        EndCase{"server_closes", kServer, columns(), kResponse, kOrderly, "connection_closed"},
        EndCase{"client_left", kServer, "", kRequest, kOrderly, "client_disconnected"},
        EndCase{"client_gives_up", kClient, "", kRequest, kOrderly, ""},
        EndCase{"fatal_wins", kServer, kFatal, kResponse, kOrderly, "57P01"},
        EndCase{"fatal_wins_over_reset", kClient, kFatal, kResponse, CloseReason::kReset, "57P01"},
        EndCase{"no_ready", kClient, rows(), kResponse, kOrderly, "connection_closed"}),
    [](const auto& each) { return each.param.name; });

TEST(PostgresqlEnds, IdleAndTerminatedConnectionsEndQuietly) {
  SessionDriver d(kProtocol);
  d.request(query("SELECT 1")).response(rows() + ready()).response(kFatal).gone(kResponse);
  EXPECT_EQ(shown(d.only()), "SELECT |SELECT ?");
  SessionDriver left(kProtocol);
  left.request(query("SELECT 1")).response(rows() + ready()).request(kTerminate).finish();
  EXPECT_EQ(left.told().size(), 1u);
}

TEST(PostgresqlEnds, CutRequestIsNothing) {
  SessionDriver d(kProtocol);
  d.request(query("SELECT 1").substr(0, 9)).gone(kResponse, CloseReason::kReset);
  EXPECT_THAT(d.told(), IsEmpty());
}

TEST(PostgresqlMutations, NeverCrashNorStayOpen) {
  const std::vector<Conversation> all = {conversation()};
  test::mutations(kProtocol, all, std::string_view("\0QZE5", 5), 3000);
}

}  // namespace
}  // namespace weft::protocol::postgresql

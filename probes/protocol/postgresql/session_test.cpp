// SPDX-License-Identifier: Apache-2.0
// The exchanges of a connection, by the ways clients use a server.
#include "probes/protocol/postgresql/session.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "probes/protocol/postgresql/conversation_test.h"

namespace weft::protocol::postgresql {
namespace {

using test::SessionDriver;
using test::Told;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr Role kClient = Role::kClient;

// ---- start-up ----

TEST(PostgresqlStartup, IsNoExchangeAndNamesTheDatabase) {
  SessionDriver d(kProtocol);
  d.request(startup()).response(greeting());
  EXPECT_THAT(d.told(), IsEmpty());
  d.request(query("SELECT 1")).response(rows() + ready());
  EXPECT_EQ(d.only().outcome.attributes.text(semconv::kDbNamespace), "shop");
  d.finish();
}

TEST(PostgresqlStartup, ScramAndCleartextPasswordsAreNotKept) {
  SessionDriver d(kProtocol);
  d.request(startup()).response(message('R', be(10, 4) + z("SCRAM-SHA-256") + z("")));
  d.request(message('p', z("SCRAM-SHA-256") + be(24, 4) + "n,,n=,r=fyko+d2lbbFgONRv"));
  d.response(message('R', be(11, 4) + "r=fyko+d2lbbFgONRv,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096"));
  d.request(message('p', "c=biws,r=fyko,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ="));
  d.response(message('R', be(12, 4) + "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=") +
             greeting());
  d.request(query("SELECT 1")).response(rows() + ready());
  EXPECT_THAT(shown(d), ElementsAre("SELECT |SELECT ?"));
  EXPECT_FALSE(d.over());
  d.finish();
}

TEST(PostgresqlStartup, RefusedEncryptionGoesOnInTheClear) {
  SessionDriver d(kProtocol);
  d.request(packet(80877104)).response("N").request(packet(80877103)).response("N");
  d.request(startup()).response(greeting()).request(query("SELECT 1")).response(rows() + ready());
  EXPECT_THAT(shown(d), ElementsAre("SELECT |SELECT ?"));
}

TEST(PostgresqlStartup, AcceptedEncryptionIsOpaque) {
  for (const auto& [code, answer] : {std::pair{80877103, "S"}, {80877104, "G"}}) {
    SessionDriver d(kProtocol);
    d.request(packet(static_cast<uint32_t>(code))).response(answer);
    EXPECT_EQ(d.over(), ParseStatus::kDone);
  }
}

TEST(PostgresqlStartup, CancelRequestIsNoExchange) {
  SessionDriver d(kProtocol);
  d.request(packet(80877102, be(1234, 4) + be(5678, 4)));
  EXPECT_EQ(d.over(), ParseStatus::kDone);
  EXPECT_THAT(d.told(), IsEmpty());
}

TEST(PostgresqlStartup, RefusedLoginIsNoExchange) {
  SessionDriver d(kProtocol);
  d.request(startup()).response(error("28P01", "FATAL")).gone(kResponse);
  EXPECT_THAT(d.told(), IsEmpty());
}

TEST(PostgresqlStartup, VersionsOfTheMajor) {
  for (const uint32_t version : {196608u, 196610u}) {
    SessionDriver d(kProtocol);
    d.request(packet(version, z("user") + z("bob") + z(""))).response(greeting());
    d.request(query("SELECT 1")).response(rows() + ready());
    EXPECT_EQ(d.only().outcome.attributes.text(semconv::kDbNamespace), "bob");
  }
}

// ---- simple queries ----

TEST(PostgresqlQuery, FromItsFirstByteToReadyForQuery) {
  SessionDriver d(kProtocol);
  d.request(query("SELECT 1")).response(columns() + row()).response(complete("SELECT 1"));
  EXPECT_THAT(d.ended(), IsEmpty());
  d.response(ready());
  const Told told = d.only();
  EXPECT_EQ(told.start.stamp.time, 1000u);
  EXPECT_EQ(told.start.pos, 0u);
  EXPECT_EQ(told.start.batch, 0u);
  EXPECT_EQ(told.start.statement, statement_hash("SELECT 1"));
  EXPECT_EQ(told.outcome.end_time, 4000u);
  EXPECT_EQ(told.outcome.name, "SELECT");
  EXPECT_TRUE(told.head);
  EXPECT_FALSE(told.outcome.error);
  d.request(query("SELECT 2")).response(rows() + ready());
  EXPECT_EQ(d.ended()[1].start.pos, query("SELECT 1").size());
  EXPECT_EQ(d.ended()[1].start.batch, 1u);
  d.finish();
}

TEST(PostgresqlQuery, SeveralStatementsAreOneExchangeWithTheFirstError) {
  SessionDriver d(kProtocol);
  d.request(query("SELECT 1; SELECT 2; SELECT 1/0"));
  d.response(rows() + rows() + error("22012") + ready());
  EXPECT_EQ(d.told().size(), 1u);
  EXPECT_EQ(d.only().outcome.error_type, "22012");
  EXPECT_EQ(d.only().outcome.attributes.text(semconv::kDbResponseStatusCode), "22012");
  EXPECT_TRUE(d.only().outcome.error);
}

TEST(PostgresqlQuery, NoticesNotificationsAndParametersAreOfNoExchange) {
  SessionDriver d(kProtocol);
  d.response(message('A', be(1, 4) + z("channel") + z("payload")));
  d.request(query("SELECT 1")).response(notice("01000")).response(columns() + notice("42P07"));
  d.response(row() + message('S', z("TimeZone") + z("UTC")) + complete("SELECT 1") + ready());
  EXPECT_THAT(shown(d), ElementsAre("SELECT |SELECT ?"));
}

TEST(PostgresqlQuery, EmptyText) {
  SessionDriver d(kProtocol);
  d.request(startup()).response(greeting()).request(query("")).response(kEmpty + ready());
  EXPECT_THAT(shown(d), ElementsAre("shop |"));
}

TEST(PostgresqlQuery, PipelinedOnesPairInOrder) {
  SessionDriver d(kProtocol);
  d.request(query("SELECT 1") + query("DELETE FROM a"));
  d.response(rows() + ready() + error("42P01") + ready());
  EXPECT_THAT(shown(d), ElementsAre("SELECT |SELECT ?", "DELETE a 42P01|DELETE FROM a"));
  EXPECT_EQ(d.ended()[1].start.batch, 1u);
}

TEST(PostgresqlQuery, FunctionCall) {
  SessionDriver d(kProtocol);
  d.request(message('F', be(953, 4) + be(0, 2) + be(0, 2) + be(1, 2)));
  d.response(message('V', be(4, 4) + "abcd") + ready());
  EXPECT_EQ(d.only().outcome.name, "postgresql");
  EXPECT_EQ(d.only().start.statement, 0u);
}

TEST(PostgresqlQuery, TraceContextOfAComment) {
  const std::string parent =
      "traceparent='00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'";
  for (const std::string& text :
       {"SELECT 1 /*action='a%2Fb'," + parent + "*/", "/* " + parent + " */ SELECT 1",
        "SELECT 1 /*" + parent + "*/;"}) {
    SessionDriver d(kProtocol);
    d.request(query(text) + parse("", text) + bind_portal("", "") + execute() + kSync);
    d.response(rows() + ready() + kParsed + kBound + rows() + ready());
    ASSERT_EQ(d.ended().size(), 2u);
    for (const Told& told : d.ended()) {
      ASSERT_TRUE(told.context) << text;
      EXPECT_EQ(told.context->parent.hex(), "b7ad6b7169203331");
    }
  }
  SessionDriver d(kProtocol);
  d.request(query("SELECT '" + parent + "'")).response(rows() + ready());
  EXPECT_FALSE(d.only().context) << "a literal is no comment";
}

TEST(PostgresqlQuery, LongTextIsToldAsFarAsItIsSeen) {
  const std::string text = "SELECT '" + std::string(100000, 'x') + "'";
  SessionDriver d(kProtocol);
  const std::string bytes = query(text);
  d.request(bytes.substr(0, 16384)).request_gap(bytes.size() - 16384).response(rows() + ready());
  EXPECT_EQ(d.only().outcome.name, "SELECT");
  EXPECT_EQ(d.only().start.statement, statement_hash(text));
  EXPECT_EQ(d.only().outcome.attributes.text(semconv::kDbQueryText).find('x'),
            std::string_view::npos);
  d.request(query(text), 1000).response(rows() + ready());
  EXPECT_EQ(d.ended().size(), 2u);
  d.finish();
}

// ---- extended queries ----

TEST(PostgresqlExtended, OneExchangeFromParseToReadyForQuery) {
  SessionDriver d(kProtocol);
  d.request(parse("", "SELECT $1") + bind_portal("", "") + describe('P', "") + execute() + kSync);
  d.response(kParsed + kBound + rows()).response(ready());
  EXPECT_THAT(shown(d), ElementsAre("SELECT |SELECT $1"));
  EXPECT_EQ(d.only().start.pos, 0u);
  EXPECT_EQ(d.only().start.statement, statement_hash("SELECT $1"));
  EXPECT_EQ(d.only().outcome.end_time, 3000u);
}

TEST(PostgresqlExtended, EachExecuteOfABatchEndsWithItsOwnAnswer) {
  SessionDriver d(kProtocol);
  const std::string one = bind_portal("", "") + execute();
  d.request(parse("", "INSERT INTO a VALUES ($1)") + one + one + one + kSync);
  d.response(kParsed + kBound + complete("INSERT 0 1")).response(kBound + complete("INSERT 0 1"));
  d.response(kBound + complete("INSERT 0 1")).response(ready());
  ASSERT_EQ(d.ended().size(), 3u);
  const std::vector<Told> told = d.ended();
  EXPECT_EQ(told[0].outcome.end_time, 2000u);
  EXPECT_EQ(told[1].outcome.end_time, 3000u);
  EXPECT_EQ(told[2].outcome.end_time, 5000u) << "the commit";
  EXPECT_EQ(told[1].start.pos, parse("", "INSERT INTO a VALUES ($1)").size() + one.size());
  for (const Told& each : told) {
    EXPECT_EQ(each.start.batch, 0u);
    EXPECT_EQ(shown(each), "INSERT a |INSERT INTO a VALUES ($1)");
  }
}

TEST(PostgresqlExtended, AfterAnErrorTheRestOfTheBatchIsAborted) {
  SessionDriver d(kProtocol);
  const std::string one = bind_portal("", "s") + execute();
  d.request(parse("s", "INSERT INTO a VALUES ($1)") + kSync + one + one + one + kSync + one +
            kSync);
  d.response(kParsed + ready() + kBound + complete("INSERT 0 1") + error("23505"));
  d.response(ready() + kBound + complete("INSERT 0 1") + ready());
  const std::string text = "|INSERT INTO a VALUES ($1)";
  EXPECT_THAT(shown(d),
              ElementsAre("PREPARE INSERT a " + text, "INSERT a " + text, "INSERT a 23505" + text,
                          "INSERT a pipeline_aborted" + text, "INSERT a " + text));
  EXPECT_EQ(d.ended()[2].outcome.end_time, 2000u);
  EXPECT_EQ(d.ended()[3].outcome.end_time, 3000u);
}

TEST(PostgresqlExtended, FailedCommitIsTheLastOnesFailure) {
  SessionDriver d(kProtocol);
  const std::string one = parse("", "INSERT INTO a VALUES ($1)") + bind_portal("", "") + execute();
  d.request(one + one + kSync);
  const std::string done = kParsed + kBound + complete("INSERT 0 1");
  d.response(done + done + error("23503") + ready());
  EXPECT_EQ(d.ended()[0].outcome.error_type, "");
  EXPECT_EQ(d.ended()[1].outcome.error_type, "23503");
}

TEST(PostgresqlExtended, ErrorOfParseOrBindIsTheExecutes) {
  SessionDriver d(kProtocol);
  d.request(parse("", "SELEC 1") + bind_portal("", "") + execute() + kSync);
  d.response(error("42601") + ready());
  EXPECT_EQ(d.only().outcome.error_type, "42601");
}

TEST(PostgresqlExtended, PreparedStatementIsRemembered) {
  SessionDriver d(kProtocol, as(kClient));
  d.request(startup()).response(greeting());
  d.request(parse("s1", "SELECT * FROM a WHERE b = $1") + describe('S', "s1") + kSync);
  d.response(kParsed + message('t', be(0, 2)) + columns()).response(ready());
  EXPECT_EQ(shown(d.only()), "PREPARE SELECT a |SELECT * FROM a WHERE b = $1");
  EXPECT_EQ(d.only().outcome.attributes.text(semconv::kDbOperationName), "PREPARE");
  EXPECT_EQ(d.only().outcome.end_time, 4000u);
  const std::string run = bind_portal("", "s1") + execute() + kSync;
  d.request(run).response(kBound + row() + complete("SELECT 1") + ready());
  EXPECT_EQ(shown(d.ended()[1]), "SELECT a |SELECT * FROM a WHERE b = $1");
  d.request(close_name('S', "s1") + kSync).response(kClosed + ready());
  EXPECT_EQ(d.ended().size(), 2u);
  d.request(run).response(error("26000") + ready());
  EXPECT_EQ(shown(d.ended()[2]), "shop 26000|");
}

TEST(PostgresqlExtended, PrepareBeforeFlushIsItsOwn) {
  SessionDriver d(kProtocol);
  d.request(parse("s1", "SELECT $1") + describe('S', "s1") + kFlush);
  d.response(kParsed).response(message('t', be(0, 2)) + columns());
  d.request(bind_portal("", "s1") + execute() + kSync)
      .response(kBound + row() + complete("SELECT 1"));
  d.response(ready());
  EXPECT_THAT(shown(d), ElementsAre("PREPARE SELECT |SELECT $1", "SELECT |SELECT $1"));
  EXPECT_EQ(d.ended()[0].outcome.end_time, 3000u);
  EXPECT_EQ(d.ended()[1].start.stamp.time, 4000u);
  EXPECT_EQ(d.ended()[0].start.batch, d.ended()[1].start.batch);
}

TEST(PostgresqlExtended, ParseOfOneAndBindOfAnotherAreTwo) {
  SessionDriver d(kProtocol);
  d.request(parse("a", "SELECT $1") + parse("b", "DELETE FROM b") + bind_portal("", "a") +
            execute() + kSync);
  d.response(kParsed + kParsed + kBound + rows() + ready());
  EXPECT_THAT(shown(d), ElementsAre("PREPARE SELECT |SELECT $1", "PREPARE DELETE b |DELETE FROM b",
                                    "SELECT |SELECT $1"));
}

TEST(PostgresqlExtended, PreparedBeforeWeCameHasNoTextButTheTagsOperation) {
  SessionDriver d(kProtocol, as(kClient));
  d.joined_late();
  d.request(bind_portal("", "s1") + execute() + kSync);
  d.response(kBound + complete("INSERT 0 1") + ready());
  d.request(bind_portal("", "s1") + execute() + kSync);
  d.response(kBound + row() + complete("SELECT 1") + ready());
  EXPECT_THAT(shown(d), ElementsAre("INSERT 192.0.2.7:5432 |", "SELECT 192.0.2.7:5432 |"));
  EXPECT_EQ(d.only().start.statement, 0u);
}

TEST(PostgresqlExtended, RefusedParseIsForgotten) {
  SessionDriver d(kProtocol);
  const std::string run = bind_portal("", "s") + execute();
  d.request(parse("s", "SELECT $1") + run + kSync).response(kParsed + kBound + rows() + ready());
  d.request(parse("s", "DELETE FROM a") + kSync).response(error("42P05") + ready());
  d.request(run + kSync).response(kBound + rows() + ready());
  EXPECT_EQ(shown(d.ended()[2]), "SELECT |") << "never the other text";
}

TEST(PostgresqlExtended, ParseThatWorkedOutlivesAnErrorBehindIt) {
  SessionDriver d(kProtocol);
  const std::string run = bind_portal("", "s") + execute() + kSync;
  d.request(parse("s", "SELECT $1") + run).response(kParsed + kBound + error("22012") + ready());
  d.request(run).response(kBound + rows() + ready());
  EXPECT_EQ(shown(d.ended()[1]), "SELECT |SELECT $1");
}

TEST(PostgresqlExtended, PortalFetchedInParts) {
  SessionDriver d(kProtocol);
  d.request(parse("", "SELECT $1") + bind_portal("c", "") + execute("c", 1) + kSync);
  d.response(kParsed + kBound + row() + kSuspended + ready('T'));
  d.request(execute("c", 1) + kSync).response(row() + complete("SELECT 1") + ready('T'));
  EXPECT_THAT(shown(d), ElementsAre("SELECT |SELECT $1", "SELECT |SELECT $1"));
}

TEST(PostgresqlExtended, NothingExecutedIsNoExchange) {
  SessionDriver d(kProtocol);
  d.request(kSync).response(ready());
  d.request(bind_portal("", "s") + describe('P', "") + kSync).response(kBound + kNoData + ready());
  d.request(close_name('P', "") + kFlush).response(kClosed).request(kSync).response(ready());
  EXPECT_THAT(d.told(), IsEmpty());
  d.request(query("SELECT 1")).response(rows() + ready());
  EXPECT_EQ(d.ended().size(), 1u);
  EXPECT_EQ(d.only().start.batch, 3u);
}

TEST(PostgresqlExtended, OverlappingBatchesPairInOrder) {
  SessionDriver d(kProtocol);
  const std::string one = parse("", "SELECT $1") + bind_portal("", "") + execute() + kSync;
  const std::string two = parse("", "DELETE FROM a") + bind_portal("", "") + execute() + kSync;
  d.request(one).request(two).response(kParsed + kBound + rows());
  d.request(one).response(ready() + kParsed + kBound + complete("DELETE 1") + ready());
  d.response(kParsed + kBound + rows() + ready());
  EXPECT_THAT(shown(d),
              ElementsAre("SELECT |SELECT $1", "DELETE a |DELETE FROM a", "SELECT |SELECT $1"));
  d.finish();
}

TEST(PostgresqlExtended, FlushedAnswerEndsWhenTheClientGoesOn) {
  SessionDriver d(kProtocol);
  const std::string one = parse("", "SELECT $1") + bind_portal("", "") + execute() + kFlush;
  d.request(one).response(kParsed + kBound + rows()).request(one);
  EXPECT_EQ(d.only().outcome.end_time, 2000u);
  d.response(kParsed + kBound + rows()).request(kSync).response(ready());
  EXPECT_EQ(d.ended()[1].outcome.end_time, 6000u);
}

TEST(PostgresqlExtended, MoreThanAreKeptAreAbandoned) {
  SessionDriver d(kProtocol);
  std::string requests = parse("", "INSERT INTO a VALUES ($1)"), responses = kParsed;
  for (int i = 0; i < 1000; ++i) {
    requests += bind_portal("", "") + execute();
    responses += kBound + complete("INSERT 0 1");
  }
  d.request(requests + kSync).response(responses + ready());
  EXPECT_EQ(d.ended().size(), 512u);
  EXPECT_EQ(d.abandoned(), 488u);
  d.request(query("SELECT 1")).response(rows() + ready());
  EXPECT_EQ(shown(d.ended().back()), "SELECT |SELECT ?");
}

TEST(PostgresqlExtended, FlushIsNoOverlap) {
  SessionDriver d(kProtocol);
  d.request(parse("", "SELECT $1") + bind_portal("", "") + execute() + kFlush);
  d.response(kParsed + kBound + rows()).request(kSync).response(ready());
  EXPECT_EQ(d.session().wanted_head(), 0u);
}

// ---- copies ----

TEST(PostgresqlCopy, In) {
  SessionDriver d(kProtocol);
  d.request(query("COPY a FROM STDIN")).response(message('G', be(0, 1) + be(0, 2)));
  d.request(message('d', "1\t2\n") + message('d', std::string(50000, 'x')), 8192);
  d.request(message('c', "")).response(complete("COPY 2") + ready());
  EXPECT_EQ(d.only().outcome.attributes.text(semconv::kDbQueryText), "COPY a FROM STDIN");
  EXPECT_FALSE(d.only().outcome.error);
  d.request(query("SELECT 1")).response(rows() + ready());
  EXPECT_EQ(d.ended().size(), 2u);
}

TEST(PostgresqlCopy, InByExtendedQueryDropsTheSyncBeforeIt) {
  SessionDriver d(kProtocol);
  d.request(parse("", "COPY a FROM STDIN") + bind_portal("", "") + execute() + kSync);
  d.response(kParsed + kBound + message('G', be(0, 1) + be(0, 2)));
  d.request(message('d', "1\n") + message('c', "") + kSync).response(complete("COPY 1") + ready());
  d.request(query("SELECT 1")).response(rows() + ready());
  EXPECT_EQ(d.ended().size(), 2u);
  EXPECT_EQ(d.ended()[0].outcome.end_time, 4000u);
  EXPECT_EQ(d.ended()[1].start.batch, 1u);
}

TEST(PostgresqlCopy, OutAndFailedIn) {
  SessionDriver d(kProtocol);
  d.request(query("COPY a TO STDOUT")).response(message('H', be(0, 1) + be(0, 2)));
  d.response(message('d', "1\n") + message('d', "2\n") + message('c', "") + complete("COPY 2"));
  d.response(ready());
  EXPECT_EQ(d.only().outcome.end_time, 4000u);
  d.request(query("COPY a FROM STDIN")).response(message('G', be(0, 1) + be(0, 2)));
  d.request(message('f', z("no"))).response(error("57014") + ready());
  EXPECT_EQ(d.ended()[1].outcome.error_type, "57014");
}

TEST(PostgresqlCopy, HolesInTheDataDoNotMatter) {
  SessionDriver d(kProtocol);
  d.request(parse("s", "SELECT $1") + kSync).response(kParsed + ready());
  d.request(query("COPY a FROM STDIN")).response(message('G', be(0, 1) + be(0, 2)));
  d.request(message('d', "1\n")).request_gap(100000).request("rest of some line");
  d.response(notice("01000")).request("more data").response(complete("COPY 2") + ready());
  d.request(bind_portal("", "s") + execute() + kSync).response(kBound + rows() + ready());
  ASSERT_EQ(d.ended().size(), 3u);
  EXPECT_EQ(d.ended()[1].outcome.end_time, 10000u);
  EXPECT_EQ(shown(d.ended()[2]), "SELECT |SELECT $1");
  EXPECT_EQ(d.session().wanted_head(), 0u) << "a copy's data is no going on";
  EXPECT_EQ(d.abandoned(), 0u);
}

TEST(PostgresqlCopy, BothWaysEndsTheInterest) {
  SessionDriver d(kProtocol);
  d.request(query("START_REPLICATION 0/0")).response(message('W', be(0, 1) + be(0, 2)));
  EXPECT_EQ(d.ended().size(), 1u);
  EXPECT_EQ(d.over(), ParseStatus::kDone);
}

}  // namespace
}  // namespace weft::protocol::postgresql

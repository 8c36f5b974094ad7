// SPDX-License-Identifier: Apache-2.0
// The name of a prepared statement or portal gets another meaning: an execution by this name is
// reported with the right text, or with none.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "probes/protocol/postgresql/conversation_test.h"
#include "probes/protocol/postgresql/session.h"

namespace weft::protocol::postgresql {
namespace {

using test::SessionDriver;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

constexpr sql::Backslash kPlain = sql::Backslash::kPlain;
const std::string kRun = bind_portal("", "s") + execute() + kSync;

// A connection on which "s" was prepared and executed once.
void prepare(SessionDriver& d, std::string_view name = "s") {
  d.request(parse(name, "SELECT a FROM old WHERE b = $1") + bind_portal("", name) + execute() +
            kSync);
  d.response(kParsed + kBound + rows() + ready());
}

// The report of "s" executed once more, after a Query of the text.
std::string after(std::string_view text, std::string_view tags, std::string_view tag) {
  SessionDriver d(kProtocol);
  prepare(d);
  d.request(query(text)).response(std::string(tags) + ready());
  d.request(kRun).response(kBound + complete(tag) + ready());
  return shown(d.ended().back());
}

struct Change {
  const char* name;
  std::string text;
};

class NewMeaning : public testing::TestWithParam<Change> {};

TEST_P(NewMeaning, IsNotToldWithTheOldText) {
  EXPECT_EQ(after(GetParam().text, complete("X"), "SELECT 1"), "SELECT |");
}

INSTANTIATE_TEST_SUITE_P(
    Texts, NewMeaning,
    testing::Values(
        Change{"deallocate", "DEALLOCATE s"}, Change{"deallocate_prepare", "deallocate prepare s"},
        Change{"quoted", "DEALLOCATE \"s\""}, Change{"all", "DEALLOCATE ALL"},
        Change{"prepare_all", "DEALLOCATE PREPARE ALL"}, Change{"discard", "Discard All;"},
        Change{"prepare", " PREPARE s(int) AS DELETE FROM b"}, Change{"folded", "deAllocate S"},
        Change{"comment", "/*app:shop*/ DEALLOCATE s"},
        Change{"nested", "/* /* SELECT */ ; */DEALLOCATE/**/s"},
        Change{"line_comment", "-- shop\nDEALLOCATE s"},
        Change{"comment_behind", "DEALLOCATE -- it\n s"},
        Change{"second", "BEGIN; DEALLOCATE s; COMMIT"},
        Change{"behind_a_string", "SELECT 'a;b'; DEALLOCATE s"},
        Change{"behind_an_escape", "SELECT E'it\\'s;'; DEALLOCATE s"},
        Change{"behind_dollars", "SELECT $x$ ; ' $x$; DEALLOCATE s"},
        Change{"behind_empty_ones", ";; ;DEALLOCATE s"},
        Change{"in_a_do", "DO $$ BEGIN EXECUTE 'DEALLOCATE s'; END $$"},
        Change{"in_a_do_of_c", "do language plpgsql 'begin end'"},
        Change{"unicode", "DEALLOCATE U&\"\\0073\""}),
    [](const auto& each) { return std::string(each.param.name); });

TEST(PostgresqlNames, OthersKeepTheirs) {
  for (const std::string text :
       {"DEALLOCATE t", "DEALLOCATE \"S\"", "DEALLOCATE \"all\"", "DISCARD PLANS", "DROP TABLE s",
        "SELECT 'DEALLOCATE s'", "SELECT $$;DEALLOCATE s$$", "-- ;DEALLOCATE s\nSELECT 1",
        "SELECT \";DEALLOCATE s\" FROM t", "PREPARE TRANSACTION 's'"}) {
    EXPECT_EQ(after(text, complete("SELECT 1"), "SELECT 1"),
              "SELECT old |SELECT a FROM old WHERE b = $1")
        << text;
  }
}

// In the extended protocol the Execute has this effect, not the Parse.
TEST(PostgresqlNames, ChangedByAnExecute) {
  SessionDriver d(kProtocol);
  prepare(d);
  d.request(parse("d", "DEALLOCATE s") + kSync).response(kParsed + ready());
  d.request(kRun).response(kBound + rows() + ready());
  EXPECT_THAT(shown(d.ended().back()), HasSubstr("FROM old"));
  d.request(bind_portal("", "d") + execute() + kSync);
  d.response(kBound + complete("DEALLOCATE") + ready());
  d.request(kRun).response(kBound + rows() + ready());
  EXPECT_EQ(shown(d.ended().back()), "SELECT |");
}

// Prepared before the agent started: only its tag shows what it did.
TEST(PostgresqlNames, ChangedByATextThatWasNotSeen) {
  for (const char* tag : {"DEALLOCATE ALL", "DEALLOCATE", "DISCARD ALL", "PREPARE", "DO"}) {
    SessionDriver d(kProtocol);
    prepare(d);
    d.request(bind_portal("", "unknown") + execute() + kSync + kRun);
    d.response(kBound + complete(tag) + ready() + kBound + rows() + ready());
    EXPECT_EQ(shown(d.ended().back()), "SELECT |") << tag;
  }
}

TEST(PostgresqlNames, ChangedBehindWhatIsSeenOfALongText) {
  const std::string bytes = query("SELECT '" + std::string(20000, 'x') + "'; DEALLOCATE s");
  for (const bool hole : {false, true}) {
    SessionDriver d(kProtocol);
    prepare(d);
    d.request(bytes.substr(0, 16384)).request_gap(bytes.size() - 16384);
    if (hole) {
      d.response(columns() + row()).response_gap(5000).response(complete("DEALLOCATE") + ready());
    } else {
      d.response(rows() + complete("DEALLOCATE") + ready());
    }
    d.request(kRun).response(kBound + rows() + ready());
    EXPECT_EQ(shown(d.ended().back()), "SELECT |") << hole;
  }
}

// A called function did it.
TEST(PostgresqlNames, TheCommandTagGivesItAway) {
  EXPECT_EQ(after("SELECT f()", rows(), "DELETE 1"), "DELETE |");
  SessionDriver d(kProtocol);
  prepare(d);
  prepare(d, "t");
  d.request(kRun).response(kBound + complete("UPDATE 3") + ready());
  d.request(bind_portal("", "t") + execute() + kSync).response(kBound + rows() + ready());
  EXPECT_EQ(shown(d.ended().back()), "SELECT |") << "what changed one may have changed all";
}

TEST(PostgresqlNames, ANameThatTheServerDoesNotKnow) {
  SessionDriver d(kProtocol);
  prepare(d);
  d.request(kRun).response(error("26000") + ready());
  EXPECT_EQ(shown(d.ended().back()), "postgresql 26000|");
  SessionDriver portal(kProtocol);
  portal.request(parse("", "SELECT a FROM t") + bind_portal("c", "") + kSync);
  portal.response(kParsed + kBound + ready('T'));
  portal.request(execute("c") + kSync).response(error("34000") + ready('E'));
  EXPECT_EQ(shown(portal.ended().back()), "postgresql 34000|");
}

TEST(PostgresqlNames, CountUpToWhatTheServerKeeps) {
  const std::string name(63, 'n');
  SessionDriver d(kProtocol);
  prepare(d, name + "old");
  d.request(close_name('S', name + "new") + kSync).response(kClosed + ready());
  d.request(bind_portal("", name) + execute() + kSync).response(kBound + rows() + ready());
  EXPECT_EQ(shown(d.ended().back()), "SELECT |");
}

// A Query destroys the unnamed statement and the unnamed portal.
TEST(PostgresqlNames, TheUnnamedOnesEndWithAQuery) {
  SessionDriver d(kProtocol);
  prepare(d, "");
  d.request(query("SELECT 1")).response(rows() + ready());
  d.request(bind_portal("", "") + execute() + kSync).response(error("26000") + ready());
  EXPECT_THAT(shown(d.ended().back()), Not(HasSubstr("old")));
}

TEST(PostgresqlNames, PortalsEndWithTheirTransaction) {
  const std::string bound = parse("", "SELECT a FROM t") + bind_portal("c", "") + kSync;
  for (const std::string text : {"COMMIT", "CLOSE c", "CLOSE ALL", "DISCARD ALL",
                                 "CLOSE c; DECLARE c CURSOR WITH HOLD FOR SELECT 2"}) {
    SessionDriver d(kProtocol);
    d.request(bound).response(kParsed + kBound + ready('T'));
    d.request(query(text)).response(complete("X") + ready(text == "COMMIT" ? 'I' : 'T'));
    d.request(execute("c") + kSync).response(rows() + ready());
    EXPECT_EQ(shown(d.ended().back()), "SELECT |") << text;
  }
}

TEST(PostgresqlTags, FitTheirCommands) {
  for (const auto& [command, tag] : {std::pair{"SELECT", "SELECT 3"},
                                     {"VALUES", "SELECT 1"},
                                     {"TABLE", "SELECT 1"},
                                     {"(", "SELECT 2"},
                                     {"WITH", "DELETE 1"},
                                     {"CREATE", "SELECT 5"},
                                     {"CREATE", "CREATE TABLE"},
                                     {"END", "ROLLBACK"},
                                     {"COMMIT", "COMMIT"},
                                     {"EXECUTE", "INSERT 0 1"},
                                     {"LOCK", "LOCK TABLE"},
                                     {"", "SELECT 1"},
                                     {"SELECT", ""}}) {
    EXPECT_TRUE(tag_fits(command, tag)) << command << ' ' << tag;
  }
  for (const auto& [command, tag] : {std::pair{"SELECT", "DELETE 3"},
                                     {"INSERT", "SELECT 1"},
                                     {"VALUES", "INSERT 0 1"},
                                     {"BEGIN", "COMMIT"},
                                     {"SET", "SELECT 1"},
                                     {"WITH", "COPY 1"}}) {
    EXPECT_FALSE(tag_fits(command, tag)) << command << ' ' << tag;
  }
}

TEST(PostgresqlEffects, OfATextWhoseReadingIsNotCertain) {
  const std::string text = "SELECT 'a\\'; DEALLOCATE s; --'";
  EXPECT_THAT(effects_of(text, kPlain).statements, ElementsAre("s"));
  EXPECT_TRUE(effects_of(text, sql::Backslash::kEscapes).none());
  EXPECT_TRUE(effects_of(text, sql::Backslash::kUnknown).unseen);
}

}  // namespace
}  // namespace weft::protocol::postgresql

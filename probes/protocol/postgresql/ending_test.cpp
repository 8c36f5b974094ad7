// SPDX-License-Identifier: Apache-2.0
// The status is at the end of a response whose middle was not seen.
#include "probes/protocol/postgresql/ending.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "probes/protocol/postgresql/conversation_test.h"
#include "probes/protocol/postgresql/session.h"

namespace weft::protocol::postgresql {
namespace {

using test::SessionDriver;
using test::Told;
using testing::ElementsAre;

using Kind = Ending::Kind;

std::string notification(std::string_view payload) {
  return message('A', be(7, 4) + z("jobs") + z(payload));
}

TEST(PostgresqlEnding, IsFoundBehindAnyBytes) {
  const std::string setting = message('S', z("TimeZone") + z(""));
  for (const std::string& before : {std::string("some of a row"), std::string(), row("E"),
                                    row(error("99999") + ready()), row(std::string(9, '\0'))}) {
    for (const std::string& between :
         {std::string(), setting, notification(""), notice("01000"), notification("x") + setting}) {
      const std::string end = between + ready('T');
      EXPECT_EQ(read_ending(before + complete("SELECT 3") + end).kind, Kind::kComplete);
      EXPECT_EQ(read_ending(before + kSuspended + end).kind, Kind::kPortal);
      const std::string bytes = before + error("22012") + end;
      const Ending failed = read_ending(bytes);
      EXPECT_EQ(failed.kind, Kind::kError);
      EXPECT_EQ(failed.body, fields("22012"));
      EXPECT_EQ(failed.state, 'T');
    }
  }
}

TEST(PostgresqlEnding, OfWhatIsCutOrUnlikeIsUnknown) {
  const std::string whole = error("22012");
  for (size_t n = 0; n < whole.size(); ++n) {
    EXPECT_EQ(read_ending(whole.substr(whole.size() - n) + ready()).kind, Kind::kUnknown) << n;
  }
  for (const std::string& bytes : {row("x"), kParsed, std::string(), message('C', z("not a tag")),
                                   message('E', "no fields"), message('E', z("SERROR") + z(""))}) {
    EXPECT_EQ(read_ending(bytes + ready()).kind, Kind::kUnknown) << bytes;
  }
  EXPECT_EQ(read_ending(complete("SELECT 1")).state, '\0');
  EXPECT_EQ(read_ending(ready().substr(1)).state, '\0');
  EXPECT_EQ(read_ending(message('Z', "X")).state, '\0');
}

// Rows that imitate messages: whatever they contain, the real end is read.
TEST(PostgresqlEnding, CannotBePretendedByARow) {
  const std::string real = complete("SELECT 1");
  for (const char type : {'E', 'N', 'C', 'S', 'A', 's'}) {
    for (size_t front = 0; front < 40; ++front) {
      // A header in the row's data whose size leads to the real message's end.
      const size_t size = 4 + front + real.size();
      const std::string data = type + be(size, 4) + fields("22012").substr(0, front);
      EXPECT_EQ(read_ending(row(data) + real + ready()).kind, Kind::kComplete) << type << front;
      const std::string bytes = row(data) + error("57014") + ready();
      EXPECT_EQ(read_ending(bytes).body, fields("57014")) << type << front;
    }
  }
}

// ---- through a session ----

// A result as it is captured: its beginning, a hole, and the last bytes of each call.
struct Long {
  SessionDriver d{kProtocol};

  explicit Long(const std::string& requests = query("SELECT a FROM t")) {
    d.request(startup()).response(greeting()).request(requests);
  }
  Long& rows_until(std::string_view end, size_t calls = 3) {
    d.response(columns() + row());
    for (size_t i = 1; i < calls; ++i) d.response_gap(8192 - 64).response(std::string(64, 'r'));
    d.response_gap(8192 - end.size()).response(end);
    return *this;
  }
  std::string last() { return d.ended().empty() ? "none" : outcome(d.ended().back()); }
  static std::string outcome(const Told& told) {
    return told.outcome.error_type + (told.outcome.unseen ? "?" : "");
  }
};

TEST(PostgresqlLongAnswers, EndWithWhatTheirLastBytesSay) {
  EXPECT_EQ(Long().rows_until("rr" + complete("SELECT 9") + ready()).last(), "");
  EXPECT_EQ(Long().rows_until("rr" + error("22012") + ready()).last(), "22012");
  EXPECT_EQ(Long().rows_until("rr" + error("57014") + ready('E')).last(), "57014");
  EXPECT_EQ(Long().rows_until(error("22012") + notification("") + ready()).last(), "22012");
  EXPECT_EQ(Long().rows_until("rr" + notice("01000") + error("22012") + ready()).last(), "22012");
}

TEST(PostgresqlLongAnswers, AnEndInSeveralCalls) {
  const std::string end = "rrr" + error("22012") + ready();
  for (size_t at = 1; at < end.size(); ++at) {
    Long whole;
    whole.rows_until(end.substr(0, at)).d.response(end.substr(at));
    EXPECT_EQ(whole.last(), "22012") << at;
    EXPECT_EQ(whole.d.only().outcome.end_time, 11000u);
  }
}

// While an error may still come, no success is reported.
TEST(PostgresqlLongAnswers, AreOpenUntilTheEndIsKnown) {
  Long cut;
  cut.rows_until(error("22012").substr(20) + ready());
  EXPECT_EQ(cut.last(), "none") << "an error that is longer than what is shown";
  cut.d.request(query("SELECT 2"));
  EXPECT_EQ(cut.last(), "?");
  EXPECT_EQ(cut.d.only().outcome.end_time, 10000u);
  cut.d.response(rows() + ready()).finish();
  EXPECT_EQ(cut.last(), "");
  EXPECT_EQ(cut.d.ended().size(), 2u);
}

TEST(PostgresqlLongAnswers, WithoutAnyEndInSight) {
  Long whole;
  whole.rows_until("rr").d.request(query("SELECT 2")).response(rows() + ready());
  EXPECT_EQ(Long::outcome(whole.d.ended()[0]), "?");
  EXPECT_EQ(Long::outcome(whole.d.ended()[1]), "");
}

TEST(PostgresqlLongAnswers, OfPortals) {
  const std::string bound = parse("", "SELECT a FROM t") + bind_portal("", "");
  Long flushed(bound + execute("", 100) + kFlush);
  flushed.d.response(kParsed + kBound);
  flushed.rows_until("rr" + kSuspended).d.request(execute("", 100) + kSync);
  EXPECT_EQ(flushed.last(), "");
  flushed.d.response_gap(10000).response(error("22012") + ready()).finish();
  EXPECT_EQ(flushed.d.ended().size() + flushed.d.abandoned(), 2u);
}

TEST(PostgresqlLongAnswers, OfACopy) {
  Long whole(query("COPY t TO STDOUT"));
  whole.d.response(message('H', be(0, 1) + be(0, 2)) + message('d', "1\n")).response_gap(100000);
  whole.d.response("rest of a line\n" + error("57014") + ready());
  EXPECT_EQ(whole.last(), "57014");
}

TEST(PostgresqlLongAnswers, OfAServerThatGoes) {
  Long fatal;
  fatal.rows_until("rr" + error("57P01", "FATAL")).d.gone(kResponse);
  EXPECT_EQ(fatal.last(), "57P01");
  Long killed;
  killed.rows_until("rr").d.gone(kResponse, CloseReason::kKilled);
  EXPECT_EQ(killed.last(), "process_exited");
  Long closed;
  closed.rows_until("rr" + complete("SELECT 1")).d.gone(kResponse);
  EXPECT_EQ(closed.last(), "connection_closed") << "it never said that it was ready";
}

TEST(PostgresqlLongAnswers, OfSeveralStatementsNobodyKnowsWhichFailed) {
  const std::string one = parse("", "SELECT a FROM t") + bind_portal("", "") + execute();
  for (const bool fails : {false, true}) {
    Long several(one + one + one + kSync);
    several.d.response(kParsed + kBound);
    several.rows_until(fails ? error("22012") + ready() : complete("SELECT 1") + ready());
    std::vector<std::string> outcomes;
    for (const Told& told : several.d.ended()) outcomes.push_back(Long::outcome(told));
    const std::string each = fails ? "?" : "";
    EXPECT_THAT(outcomes, ElementsAre(each, each, each));
  }
}

TEST(PostgresqlLongAnswers, ThatTurnsOutToBeAnothersHasNoText) {
  Long named(parse("s", "SELECT a FROM t") + kSync);
  named.d.response(kParsed + ready());
  named.d.request(bind_portal("", "s") + execute() + kSync).response(kBound);
  named.rows_until("rr" + complete("UPDATE 7") + ready());
  EXPECT_EQ(shown(named.d.ended().back()), "shop |");
}

}  // namespace
}  // namespace weft::protocol::postgresql

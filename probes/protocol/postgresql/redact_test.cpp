// SPDX-License-Identifier: Apache-2.0
#include "probes/protocol/postgresql/redact.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "probes/protocol/postgresql/conversation_test.h"
#include "tests/support/secret_statements.h"

namespace weft::protocol::postgresql {
namespace {

using test::SessionDriver;
using testing::HasSubstr;
using testing::Not;

std::string redacted(std::string bytes) {
  redact(bytes);
  return bytes;
}

const std::string kParent = "traceparent='00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'";

struct Part {
  Direction direction;
  std::string bytes;
};

const std::vector<Part>& conversation() {
  static const std::vector<Part> kAll = {
      {kRequest, packet(196608, z("user") + z("u") + z("database") + z("d") +
                                    z("application_name") + z("secret app") + z(""))},
      {kResponse, message('R', be(5, 4) + "slt!")},
      {kRequest, message('p', z("md5secret"))},
      {kResponse, greeting()},
      {kRequest, query("SELECT 'secret', 4711 /*" + kParent + "*/")},
      {kResponse, columns() + row("secret") + complete("SELECT 1") + ready()},
      {kRequest, parse("s", "UPDATE a SET b = 'secret' WHERE c = $1") +
                     bind_portal("", "s", "secret") + execute() + bind_portal("p", "s", "secret") +
                     execute("p") + kSync},
      {kResponse, kParsed + kBound + complete("UPDATE 1") + kBound + error("23505") + ready()},
      {kRequest, query("COPY a FROM STDIN")},
      {kResponse, message('G', be(0, 1) + be(0, 2))},
      {kRequest, message('d', "secret\n") + message('f', z("secret"))},
      {kResponse, error("57014") + notice("01000") + ready()},
  };
  return kAll;
}

std::vector<std::string> told(bool redacting) {
  SessionDriver d(kProtocol);
  for (const Part& part : conversation()) {
    d.bytes(part.direction, redacting ? redacted(part.bytes) : part.bytes);
  }
  std::vector<std::string> out;
  for (const test::Told& each : d.ended()) {
    out.push_back(shown(each) + std::string(each.outcome.attributes.text(semconv::kDbNamespace)) +
                  (each.context ? each.context->parent.hex() : ""));
  }
  return out;
}

TEST(PostgresqlRedact, ReplaysToTheSameExchanges) {
  EXPECT_EQ(told(false).size(), 4u);
  EXPECT_EQ(told(true), told(false));
}

TEST(PostgresqlRedact, NothingSecretIsLeft) {
  for (const Part& part : conversation()) {
    const std::string left = redacted(part.bytes);
    EXPECT_EQ(left.size(), part.bytes.size());
    for (const char* secret : {"secret", "4711", "slt!", "\x16\x2e"}) {
      EXPECT_THAT(left, Not(HasSubstr(secret)));
    }
    EXPECT_EQ(redacted(left), left);
  }
}

TEST(PostgresqlRedact, RecordsThatBeginOrEndWithinAMessage) {
  const std::string rest = "ret secret" + row("secret") + complete("SELECT 1") + ready();
  EXPECT_EQ(redacted(rest), std::string(10, 'x') + message('D', std::string(12, 'x')) +
                                complete("SELECT 1") + ready());
  const std::string cut = row("secret") + ready();
  for (size_t at = 1; at < 5; ++at) {
    EXPECT_EQ(redacted(cut.substr(at)), message('D', std::string(12, 'x')).substr(at) + ready());
  }
  const std::string text = query("SELECT 'secret").substr(0, 17);
  EXPECT_THAT(redacted(text), Not(HasSubstr("secr")));
  EXPECT_EQ(redacted("secret row of data"), std::string(18, 'x'));
  EXPECT_EQ(redacted("S"), "S") << "an answer to a request for encryption";
  EXPECT_EQ(redacted(""), "");
}

TEST(PostgresqlRedact, CancelKeys) {
  EXPECT_EQ(redacted(packet(80877102, be(1, 4) + be(2, 4))), packet(80877102, "xxxxxxxx"));
  EXPECT_EQ(redacted(packet(80877103)), packet(80877103));
}

// Whatever a statement says, by either protocol, and wherever a record ends.
TEST(PostgresqlRedact, NoSecretOfAnyStatementStays) {
  for (const auto backslash : {sql::Backslash::kPlain, sql::Backslash::kEscapes}) {
    const test::Grammar grammar = test::postgres(backslash);
    for (unsigned seed = 0; seed < 1500; ++seed) {
      const std::string text = test::Writer(grammar, seed).statements();
      const std::string bytes = seed % 2 == 0 ? query(text) : parse("s", text) + kSync;
      const size_t cut = seed % (bytes.size() + 1);
      for (const std::string& record : {bytes, bytes.substr(0, cut), bytes.substr(cut)}) {
        for (const std::string_view secret : test::kSecrets) {
          ASSERT_THAT(redacted(record), Not(HasSubstr(secret))) << text << "\ncut at " << cut;
        }
      }
    }
  }
}

}  // namespace
}  // namespace weft::protocol::postgresql

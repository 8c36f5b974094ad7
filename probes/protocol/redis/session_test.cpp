// SPDX-License-Identifier: Apache-2.0
// Ordinary conversations.
#include "probes/protocol/redis/session.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "probes/protocol/redis/conversation_test.h"

namespace weft::protocol::redis {
namespace {

using test::SessionDriver;
using test::Told;
using testing::ElementsAre;
using testing::IsEmpty;

std::string operation(const Told& told) {
  return std::string(told.outcome.attributes.text(semconv::kDbOperationName));
}
std::string database(const Told& told) {
  return std::string(told.outcome.attributes.text(semconv::kDbNamespace));
}

TEST(Redis, ACommandAndItsAnswer) {
  for (const Role role : {Role::kServer, Role::kClient}) {
    SessionDriver d(kProtocol, as(role));
    d.request(ask({"set", "user:1", "secret"})).response("+OK\r\n");
    const Told told = d.only();
    EXPECT_EQ(told.outcome.name, "SET");
    EXPECT_EQ(operation(told), "SET");
    EXPECT_EQ(text(told), "SET user:1 ?");
    EXPECT_EQ(told.outcome.attributes.text(semconv::kDbSystemName), "redis");
    EXPECT_EQ(told.outcome.attributes.find(semconv::kDbNamespace), nullptr);
    EXPECT_EQ(told.outcome.attributes.find(semconv::kDbResponseStatusCode), nullptr);
    EXPECT_FALSE(told.outcome.error);
    EXPECT_TRUE(told.head);
    EXPECT_FALSE(told.context);
    EXPECT_EQ(told.start.stamp.time, 1000u);
    EXPECT_EQ(told.outcome.end_time, 2000u);
    EXPECT_EQ(told.start.pos, 0u);
  }
}

TEST(Redis, PositionsAndTimesAreThoseOfTheFirstAndTheLastByte) {
  SessionDriver d(kProtocol);
  const std::string first = ask({"GET", "a"});
  d.request(first).response("$1\r").response("\nx\r\n");
  d.request(ask({"GET", "b"}).substr(0, 9)).request(ask({"GET", "b"}).substr(9));
  d.response("$-1\r\n");
  ASSERT_EQ(d.ended().size(), 2u);
  EXPECT_EQ(d.ended()[0].outcome.end_time, 3000u);
  EXPECT_EQ(d.ended()[1].start.pos, first.size());
  EXPECT_EQ(d.ended()[1].start.stamp.time, 4000u);
  EXPECT_EQ(d.ended()[1].outcome.end_time, 6000u);
}

TEST(Redis, APipelineOfAThousand) {
  std::string asked;
  std::string told;
  for (int i = 0; i < 1000; ++i) {
    asked += ask({"INCR", "k" + std::to_string(i)});
    told += i % 2 ? "-E" + std::to_string(i) + " x\r\n" : ":" + std::to_string(i) + "\r\n";
  }
  SessionDriver d(kProtocol);
  d.request(asked, 16384).response(told, 4096);
  const std::vector<Told> all = d.ended();
  ASSERT_EQ(all.size(), 1000u);
  for (size_t i = 0; i < 1000; ++i) {
    const std::string n = std::to_string(i);
    EXPECT_EQ(pair(all[i]), "INCR k" + n + (i % 2 ? " E" + n : ""));
    EXPECT_EQ(all[i].start.batch, all[0].start.batch);
  }
  d.request(ask({"GET", "next"})).response("$-1\r\n");
  EXPECT_NE(d.ended().back().start.batch, all[0].start.batch);
  EXPECT_GT(d.session().wanted_head(), asked.size()) << "a hole would cost what follows it";
}

TEST(Redis, BeyondTheLimitCommandsAreAbandonedAndPairsStayTrue) {
  std::string asked;
  std::string told;
  for (int i = 0; i < 5000; ++i) {
    asked += ask({"GET", std::to_string(i)});
    told += "-E" + std::to_string(i) + "\r\n";
  }
  SessionDriver d(kProtocol);
  d.request(asked).response(told);
  EXPECT_EQ(d.ended().size(), 4096u);
  EXPECT_EQ(d.abandoned(), 5000u - 4096u);
  EXPECT_EQ(pair(d.ended().back()), "GET 4095 E4095");
  d.request(ask({"GET", "z"})).response("-EZ\r\n");
  EXPECT_EQ(pair(d.ended().back()), "GET z EZ");
}

TEST(Redis, BeyondTheLimitWhatChangesTheBytesGivesTheConnectionUp) {
  std::string asked;
  for (int i = 0; i < 4096; ++i) asked += ask({"GET", "k"});
  SessionDriver d(kProtocol);
  d.request(asked + ask({"SUBSCRIBE", "a", "b"}));
  EXPECT_EQ(d.over(), ParseStatus::kHopeless);
  EXPECT_EQ(d.open(), 0u);
}

TEST(Redis, ErrorsOfBothKinds) {
  struct Case {
    std::string reply, code, type;
  };
  for (const auto& [reply, code, type] :
       {Case{"-ERR value is not an integer or out of range\r\n", "ERR", "ERR"},
        Case{"-WRONGTYPE Operation against a key\r\n", "WRONGTYPE", "WRONGTYPE"},
        Case{"-MOVED 3999 127.0.0.1:6381\r\n", "MOVED", "MOVED"},
        Case{"-NOSCRIPT\r\n", "NOSCRIPT", "NOSCRIPT"},
        Case{"!21\r\nSYNTAX invalid syntax\r\n", "SYNTAX", "SYNTAX"},
        Case{"-My own words\r\n", "", "_OTHER"}, Case{"-\r\n", "", "_OTHER"},
        Case{"!0\r\n\r\n", "", "_OTHER"}}) {
    SessionDriver d(kProtocol);
    d.request(ask({"INCR", "k"})).response(reply);
    EXPECT_TRUE(d.only().outcome.error) << reply;
    EXPECT_EQ(d.only().outcome.error_type, type);
    EXPECT_EQ(d.only().outcome.attributes.text(semconv::kDbResponseStatusCode), code);
  }
}

TEST(Redis, ANameTheServerDoesNotKnowIsNotTold) {
  SessionDriver d(kProtocol);
  d.request(ask({"json.get", "doc", "$"})).response("$2\r\n{}\r\n");
  EXPECT_EQ(d.only().outcome.name, "JSON.GET");
  EXPECT_EQ(text(d.only()), "JSON.GET ? ?") << "which are keys is not known";
  SessionDriver invented(kProtocol);
  invented.request(ask({"x1234", "a"})).response("-ERR unknown command 'x1234'\r\n");
  EXPECT_EQ(invented.only().outcome.name, "redis");
  EXPECT_EQ(operation(invented.only()), "");
  EXPECT_EQ(text(invented.only()), "");
  EXPECT_EQ(invented.only().outcome.error_type, "ERR");
  SessionDriver binary(kProtocol);
  binary.request(ask({std::string_view("a\0b", 3)})).response("+OK\r\n");
  EXPECT_EQ(binary.only().outcome.name, "redis");
}

TEST(Redis, TransactionsAreToldAsTheWireShowsThem) {
  SessionDriver d(kProtocol);
  d.request(ask({"MULTI"})).response("+OK\r\n");
  d.request(ask({"SET", "a", "1"}) + ask({"INCR", "b"})).response("+QUEUED\r\n+QUEUED\r\n");
  d.request(ask({"EXEC"})).response("*2\r\n+OK\r\n-WRONGTYPE no number\r\n");
  EXPECT_THAT(pairs(d), ElementsAre("MULTI", "SET a ?", "INCR b", "EXEC WRONGTYPE"));
  d.request(ask({"MULTI"}) + ask({"nope"}) + ask({"EXEC"}));
  d.response("+OK\r\n-ERR unknown command\r\n-EXECABORT Transaction discarded\r\n");
  EXPECT_EQ(d.ended().back().outcome.error_type, "EXECABORT");
  d.request(ask({"EXEC"})).response("*-1\r\n");
  EXPECT_EQ(pairs(d).back(), "EXEC") << "a watched key had changed: no error";
  d.request(ask({"LRANGE", "k", "0", "9"})).response("*1\r\n-ERR data\r\n");
  EXPECT_FALSE(d.ended().back().outcome.error);
}

// The first command of a connection has to come as an array: see the sniffer.
TEST(Redis, InlineCommandsBehindAnArray) {
  SessionDriver d(kProtocol);
  d.request("PING\r\n").response("+PONG\r\n");
  EXPECT_TRUE(d.told().empty());
  d.request(ask({"PING"})).response("+PONG\r\n");
  d.request("set  user \"a secret\" 'b'\n").response("+OK\r\n");
  d.request("\r\nget user\r\nGET 'user'\r\n").response("$1\r\na\r\n$1\r\na\r\n");
  EXPECT_THAT(pairs(d), ElementsAre("PING", "SET user ? ?", "GET user", "GET user"));
  d.request("EHLO example.com\r\n");
  EXPECT_TRUE(d.lost(kRequest));
}

TEST(Redis, EmptyCommandsAreNotAnswered) {
  SessionDriver d(kProtocol);
  d.request("*0\r\n\r\n*-1\r\n" + ask({"GET", "a"})).response("-E1\r\n");
  EXPECT_THAT(pairs(d), ElementsAre("GET a E1"));
}

TEST(Redis, TheDatabaseIsKnownOnceSelected) {
  SessionDriver d(kProtocol);
  d.request(ask({"GET", "a"}) + ask({"SELECT", "3"}) + ask({"GET", "b"}));
  d.response("$-1\r\n+OK\r\n$-1\r\n");
  d.request(ask({"SELECT", "99"})).response("-ERR DB index is out of range\r\n");
  d.request(ask({"GET", "c"})).response("$-1\r\n");
  d.request(ask({"RESET"})).response("+RESET\r\n");
  d.request(ask({"GET", "d"})).response("$-1\r\n");
  std::vector<std::string> databases;
  for (const Told& told : d.ended()) databases.push_back(database(told));
  EXPECT_THAT(databases, ElementsAre("", "", "3", "3", "3", "3", "0"));
  EXPECT_EQ(text(d.ended()[1]), "SELECT 3");
  d.request(ask({"MULTI"}) + ask({"SELECT", "5"}) + ask({"EXEC"}));
  d.response("+OK\r\n+QUEUED\r\n*1\r\n+OK\r\n");
  d.request(ask({"GET", "e"})).response("$-1\r\n");
  EXPECT_EQ(database(d.ended().back()), "") << "selected by an EXEC, or not";
}

TEST(Redis, RepliesTurnedOff) {
  SessionDriver d(kProtocol);
  d.request(ask({"CLIENT", "REPLY", "OFF"}) + ask({"SET", "a", "1"}));
  EXPECT_THAT(pairs(d), ElementsAre("CLIENT REPLY OFF", "SET a ?"));
  EXPECT_EQ(d.ended()[1].outcome.end_time, 1000u);
  d.request(ask({"client", "reply", "on"}) + ask({"GET", "b"})).response("+OK\r\n-E2\r\n");
  d.request(ask({"CLIENT", "REPLY", "SKIP"}) + ask({"SET", "c", "1"}) + ask({"GET", "d"}));
  d.response("-E4\r\n");
  EXPECT_THAT(pairs(d), ElementsAre("CLIENT REPLY OFF", "SET a ?", "CLIENT REPLY ON", "GET b E2",
                                    "CLIENT REPLY SKIP", "SET c ?", "GET d E4"));
}

TEST(Redis, StreamsOfSomethingElseEndTheInterest) {
  for (const auto& [asked, told] : std::vector<std::pair<std::string, std::string>>{
           {ask({"MONITOR"}), "+OK\r\n+1690000000.1 [0 127.0.0.1:1] \"GET\" \"k\"\r\n"},
           {ask({"PSYNC", "?", "-1"}), "\n\n+FULLRESYNC 0123456789 0\r\n$88\r\nREDIS0010"},
           {ask({"SYNC"}), "\n$88\r\nREDIS0010"}}) {
    SessionDriver d(kProtocol);
    d.request(asked).response(told);
    EXPECT_EQ(d.ended().size(), 1u) << asked;
    EXPECT_EQ(d.over(), ParseStatus::kDone) << asked;
    EXPECT_EQ(d.ended()[0].outcome.end_time, 2000u);
  }
  SessionDriver refused(kProtocol);
  refused.request(ask({"PSYNC", "?", "-1"})).response("-NOMASTERLINK no\r\n");
  EXPECT_FALSE(refused.over());
  EXPECT_THAT(pairs(refused), ElementsAre("PSYNC ? ? NOMASTERLINK"));
}

TEST(Redis, ProceduresHaveANameButNoText) {
  SessionDriver d(kProtocol);
  d.request(ask({"EVALSHA", "6b1bf486c81ceb7edf3c093f4c48582e38c0e791", "1", "k", "v"}));
  d.response(":1\r\n");
  EXPECT_EQ(text(d.only()), "EVALSHA 6b1bf486c81ceb7edf3c093f4c48582e38c0e791 ? ? ?");
  EXPECT_EQ(d.only().outcome.attributes.text(semconv::kDbStoredProcedureName),
            "6b1bf486c81ceb7edf3c093f4c48582e38c0e791");
}

TEST(Redis, SecretsAreNeverRead) {
  SessionDriver d(kProtocol);
  for (const auto& words : std::vector<std::vector<std::string_view>>{
           {"AUTH", "hunter2"},
           {"AUTH", "hunter2", "hunter2"},
           {"HELLO", "3", "AUTH", "hunter2", "hunter2", "SETNAME", "hunter2"},
           {"HELLO", "hunter2"},
           {"ACL", "SETUSER", "hunter2", ">hunter2"},
           {"CONFIG", "SET", "requirepass", "hunter2"},
           {"MIGRATE", "h", "1", "", "0", "5", "AUTH", "hunter2", "KEYS", "hunter2"},
           {"SELECT", "hunter2"},
           {"CLIENT", "SETNAME", "hunter2"},
           {"SET", "k", "hunter2"},
           {"EVAL", "return 'hunter2'", "0"},
           {"PUBLISH", "hunter2", "hunter2"}}) {
    d.request(ask(words)).response("-ERR hunter2\r\n");
    const Outcome& outcome = d.told().back().outcome;
    for (const Attribute& a : outcome.attributes) {
      EXPECT_EQ(std::get<std::string>(a.value).find("hunter2"), std::string::npos) << a.key.text();
    }
    EXPECT_EQ(outcome.name.find("hunter2"), std::string::npos);
  }
  EXPECT_EQ(d.ended().size(), 12u);
}

TEST(Redis, ProtocolErrorsEndTheCommandTheyCutShort) {
  SessionDriver d(kProtocol);
  d.request("*2\r\n$3\r\nGET\r\n").response("-ERR Protocol error: invalid bulk length\r\n");
  EXPECT_THAT(pairs(d), ElementsAre("GET ERR"));
  EXPECT_TRUE(d.over());
}

}  // namespace
}  // namespace weft::protocol::redis

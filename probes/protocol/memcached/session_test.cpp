// SPDX-License-Identifier: Apache-2.0
// Ordinary conversations, classic commands.
#include "probes/protocol/memcached/session.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "probes/protocol/memcached/conversation_test.h"

namespace weft::protocol::memcached {
namespace {

using test::SessionDriver;
using test::Told;
using testing::ElementsAre;
using testing::IsEmpty;

TEST(Memcached, ACommandAndItsAnswer) {
  for (const Role role : {Role::kServer, Role::kClient}) {
    SessionDriver d(kProtocol, as(role));
    d.request("set user:1 0 60 6\r\nsecret\r\n").response("STORED\r\n");
    const Told told = d.only();
    EXPECT_EQ(told.outcome.name, "set");
    EXPECT_EQ(told.outcome.attributes.text(semconv::kDbOperationName), "set");
    EXPECT_EQ(text(told), "set user:1 ? ? ?");
    EXPECT_EQ(told.outcome.attributes.text(semconv::kDbSystemName), "memcached");
    EXPECT_EQ(told.outcome.attributes.find(semconv::kDbResponseStatusCode), nullptr);
    EXPECT_FALSE(told.outcome.error);
    EXPECT_FALSE(told.outcome.unseen);
    EXPECT_TRUE(told.head);
    EXPECT_FALSE(told.context);
    EXPECT_EQ(told.start.stamp.time, 1000u);
    EXPECT_EQ(told.outcome.end_time, 2000u);
    EXPECT_EQ(told.start.pos, 0u);
  }
}

TEST(Memcached, PositionsAndTimesAreThoseOfTheFirstAndTheLastByte) {
  SessionDriver d(kProtocol);
  d.request("get a\r\n").response("VALUE a 0 1\r\nx").response("\r\nEN").response("D\r\n");
  d.request("set b 0 0 3\r\n").request("abc\r\n").response("STORED\r\n");
  ASSERT_EQ(d.ended().size(), 2u);
  EXPECT_EQ(d.ended()[0].outcome.end_time, 4000u);
  EXPECT_EQ(d.ended()[1].start.pos, 7u);
  EXPECT_EQ(d.ended()[1].start.stamp.time, 5000u);
  EXPECT_EQ(d.ended()[1].outcome.end_time, 7000u);
}

struct Exchange {
  std::string request, response, pair;
};

// Each command, and each answer it may have.
TEST(Memcached, EveryCommandAndAnswer) {
  for (const auto& [request, response, expected] : std::vector<Exchange>{
           {"get a", "END", "get a"},
           {"get a b c", value("a", "1") + value("c", "END\r\nERROR") + "END", "get a b c"},
           {"gets a", "VALUE a 7 2 42\r\nhi\r\nEND", "gets a"},
           {"gat 60 a b", value("b", "") + "END", "gat ? a b"},
           {"gats -1 a", "END", "gats ? a"},
           {"add a 1 -1 2\r\nhi", "NOT_STORED", "add a ? ? ?"},
           {"replace a 1 0 0\r\n", "NOT_STORED", "replace a ? ? ?"},
           {"append a 1 0 1\r\nx", "STORED", "append a ? ? ?"},
           {"prepend a 1 0 1\r\nx", "NOT_STORED", "prepend a ? ? ?"},
           {"cas a 1 0 1 77\r\nx", "EXISTS", "cas a ? ? ? ?"},
           {"cas a 1 0 1 77\r\nx", "NOT_FOUND", "cas a ? ? ? ?"},
           {"delete a", "DELETED", "delete a"},
           {"delete a 0", "NOT_FOUND", "delete a ?"},
           {"incr a 5", "18446744073709551615", "incr a ?"},
           {"decr a 5", "4  ", "decr a ?"},
           {"decr a 5", "NOT_FOUND", "decr a ?"},
           {"touch a 60", "TOUCHED", "touch a ?"},
           {"touch a 60", "NOT_FOUND", "touch a ?"},
           {"stats", "STAT pid 1\r\nSTAT version 1.6.18\r\nEND", "stats"},
           {"stats items", "END", "stats items"},
           {"stats reset", "RESET", "stats reset"},
           {"stats cachedump 1 2", "ITEM a [1 b; 0 s]\r\nEND", "stats cachedump ? ?"},
           {"flush_all", "OK", "flush_all"},
           {"flush_all 10", "OK", "flush_all ?"},
           {"version", "VERSION 1.6.18", "version"},
           {"verbosity 1", "OK", "verbosity ?"},
           {"slabs automove 1", "OK", "slabs automove ?"},
           {"lru_crawler crawl 1", "BUSY currently processing crawler request",
            "lru_crawler crawl ?"},
           {"set a 0 0 1\r\nx", "SERVER_ERROR out of memory storing object",
            "set a ? ? ? SERVER_ERROR"},
           {"incr a 5", "CLIENT_ERROR cannot increment or decrement non-numeric value",
            "incr a ? CLIENT_ERROR"},
           {"get a", "ERROR", "get a ERROR"},
           {"get a", value("a", "1") + "SERVER_ERROR out of memory writing get response",
            "get a SERVER_ERROR"}}) {
    SessionDriver d(kProtocol);
    d.request("get proof\r\n").response("END\r\n");
    d.request(request + "\r\n").response(response + "\r\n");
    EXPECT_THAT(pairs(d), ElementsAre("get proof", expected)) << request;
    EXPECT_FALSE(d.over()) << request;
    EXPECT_EQ(d.ended().back().outcome.error, expected.ends_with("ERROR"));
    EXPECT_EQ(d.ended().back().outcome.attributes.text(semconv::kDbResponseStatusCode),
              d.ended().back().outcome.error_type);
  }
}

TEST(Memcached, APipelineOfAThousand) {
  std::string asked;
  std::string told;
  for (int i = 0; i < 1000; ++i) {
    asked += "incr k" + std::to_string(i) + " 1\r\n";
    told += i % 2 ? "CLIENT_ERROR x\r\n" : std::to_string(i) + "\r\n";
  }
  SessionDriver d(kProtocol);
  d.request(asked, 16384).response(told, 4096);
  const std::vector<Told> all = d.ended();
  ASSERT_EQ(all.size(), 1000u);
  for (size_t i = 0; i < 1000; ++i) {
    EXPECT_EQ(pair(all[i]), "incr k" + std::to_string(i) + " ?" + (i % 2 ? " CLIENT_ERROR" : ""));
    EXPECT_EQ(all[i].start.batch, all[0].start.batch);
  }
  d.request("get next\r\n").response("END\r\n");
  EXPECT_NE(d.ended().back().start.batch, all[0].start.batch);
  EXPECT_GT(d.session().wanted_head(), asked.size()) << "a hole would cost what follows it";
}

TEST(Memcached, BeyondTheLimitCommandsAreAbandonedAndPairsStayTrue) {
  std::string asked;
  std::string told;
  for (int i = 0; i < 5000; ++i) {
    asked += "get " + std::to_string(i) + "\r\n";
    told += "ERROR\r\n";
  }
  SessionDriver d(kProtocol);
  d.request(asked).response(told);
  EXPECT_EQ(d.ended().size(), 4096u);
  EXPECT_GE(d.abandoned(), 1u);
  d.request("get z\r\n").response("END\r\n");
  EXPECT_EQ(pair(d.ended().back()), "get z");
}

TEST(Memcached, NoreplyEndsWithItsOwnLastByte) {
  SessionDriver d(kProtocol);
  d.request("set a 0 0 1 noreply\r\n").request("x\r\n");
  EXPECT_THAT(pairs(d), ElementsAre("set a ? ? ? noreply"));
  EXPECT_EQ(d.only().outcome.end_time, 2000u);
  d.request("delete a noreply\r\nflush_all noreply\r\nget a\r\n").response("END\r\n");
  EXPECT_THAT(pairs(d),
              ElementsAre("set a ? ? ? noreply", "delete a noreply", "flush_all noreply", "get a"));
}

TEST(Memcached, AnErrorAfterNoreplyMayBeOfEither) {
  SessionDriver d(kProtocol);
  d.request("set a 0 0 1 noreply\r\nx\r\nget b\r\n");
  d.response("SERVER_ERROR out of memory\r\nEND\r\n");
  EXPECT_THAT(pairs(d), ElementsAre("set a ? ? ? noreply"));
  EXPECT_EQ(d.abandoned(), 1u);
  d.request("get c\r\n").response("END\r\n");
  d.request("delete d noreply\r\nget e\r\n").response("END\r\n");
  EXPECT_THAT(pairs(d), ElementsAre("set a ? ? ? noreply", "get c", "delete d noreply", "get e"));
  EXPECT_FALSE(d.over());
}

TEST(Memcached, ThousandsOfNoreplyNeedNoAnswer) {
  SessionDriver d(kProtocol);
  for (int i = 0; i < 10000; ++i) d.request("incr n 1 noreply\r\n");
  EXPECT_EQ(d.ended().size(), 10000u);
  d.request("get n\r\n").response("END\r\n");
  EXPECT_EQ(pairs(d).back(), "get n");
  EXPECT_EQ(d.abandoned(), 0u);
}

TEST(Memcached, UnknownCommandsAndWrongArguments) {
  SessionDriver d(kProtocol);
  d.request("version\r\n").response("VERSION 1\r\n");
  d.request("ping\r\n").response("ERROR\r\n");
  EXPECT_EQ(d.ended().back().outcome.name, "memcached");
  EXPECT_EQ(d.ended().back().outcome.attributes.find(semconv::kDbQueryText), nullptr);
  EXPECT_EQ(d.ended().back().outcome.error_type, "ERROR");
  d.request("set k 0 0 many\r\nabc\r\n")
      .response("CLIENT_ERROR bad command line format\r\nERROR\r\n");
  EXPECT_THAT(pairs(d), ElementsAre("version", " ERROR", "set k ? ? ? CLIENT_ERROR", " ERROR"));
  d.request("get " + std::string(251, 'k') + "\r\n").response("CLIENT_ERROR too long\r\n");
  EXPECT_EQ(d.ended().back().outcome.name, "get");
  EXPECT_FALSE(d.over());
}

// The server answers as soon as it has read the line.
TEST(Memcached, AnErrorBeforeAllDataCameEndsTheCommand) {
  SessionDriver d(kProtocol);
  d.request("set k 0 0 2000000\r\nabc").response("SERVER_ERROR object too large for cache\r\n");
  EXPECT_THAT(pairs(d), ElementsAre("set k ? ? ? SERVER_ERROR"));
  d.request_gap(1999997).request("\r\nget a\r\n").response("END\r\n");
  EXPECT_THAT(pairs(d), ElementsAre("set k ? ? ? SERVER_ERROR", "get a"));
  EXPECT_EQ(d.abandoned(), 0u);
}

TEST(Memcached, QuitIsNotAnswered) {
  SessionDriver d(kProtocol);
  d.request("get a\r\n").response("END\r\n").request("quit\r\n");
  EXPECT_THAT(pairs(d), ElementsAre("get a", "quit"));
  d.gone(kRequest);
  EXPECT_EQ(d.ended().size(), 2u);
  EXPECT_FALSE(d.ended().back().outcome.error);
}

TEST(Memcached, StreamsOfSomethingElseEndTheInterest) {
  for (const auto& [asked, told] : std::vector<std::pair<std::string, std::string>>{
           {"watch fetchers\r\n", "OK\r\nts=1 gid=1 type=item_get\r\n"},
           {"lru_crawler metadump all\r\n", "key=a exp=-1\r\nkey=b exp=-1\r\nEND\r\n"}}) {
    SessionDriver d(kProtocol);
    d.request("get a\r\n").response("END\r\n").request(asked).response(told);
    EXPECT_EQ(d.ended().size(), 2u) << asked;
    EXPECT_EQ(d.over(), ParseStatus::kDone) << asked;
  }
}

TEST(Memcached, SecretsAreNeverRead) {
  SessionDriver d(kProtocol);
  d.request("get a\r\n").response("END\r\n");
  for (const std::string asked :
       {"set a 0 0 7\r\nhunter2", "ms a 7 Fhunter2\r\nhunter2", "mg a Ohunter2 Lhunter2",
        "stats detail hunter2", "hunter2 hunter2", "set hunter2", "watch hunter2"}) {
    d.request(asked + "\r\n").response("SERVER_ERROR hunter2\r\n");
    if (asked == "set hunter2") continue;  // a key
    const Outcome& outcome = d.told().back().outcome;
    for (const Attribute& a : outcome.attributes)
      EXPECT_EQ(std::get<std::string>(a.value).find("hunter2"), std::string::npos) << a.key.text();
    EXPECT_EQ(outcome.name.find("hunter2"), std::string::npos);
  }
  EXPECT_EQ(d.ended().size(), 8u);
}

TEST(Memcached, LongStatementsAreCut) {
  SessionDriver d(kProtocol);
  std::string keys;
  for (int i = 0; i < 200; ++i) keys += " key" + std::to_string(i);
  d.request("get" + keys + "\r\n").response("END\r\n");
  d.request("get " + std::string(250, 'k') + " \"q\r\n").response("END\r\n");
  EXPECT_LE(text(d.ended()[0]).size(), 512u);
  EXPECT_TRUE(text(d.ended()[0]).ends_with(" …"));
  EXPECT_EQ(text(d.ended()[1]), "get " + std::string(128, 'k') + "… ?");
}

// The binary protocol is another one.
TEST(Memcached, BinaryIsNothing) {
  SessionDriver d(kProtocol);
  d.request(std::string("\x80\x00\x00\x01\x00\x00\x00\x00\x00\x00\x00\x01", 12));
  d.response(std::string("\x81\x00\x00\x00", 4)).finish();
  EXPECT_THAT(d.told(), IsEmpty());
}

}  // namespace
}  // namespace weft::protocol::memcached

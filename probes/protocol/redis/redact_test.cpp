// SPDX-License-Identifier: Apache-2.0
#include "probes/protocol/redis/redact.h"

#include <gtest/gtest.h>

#include "probes/protocol/redis/conversation_test.h"

namespace weft::protocol::redis {
namespace {

std::string redacted(std::string bytes) {
  redact(bytes);
  std::string again = bytes;
  redact(again);
  EXPECT_EQ(again, bytes) << "once is enough";
  return bytes;
}

TEST(Redact, ArgumentsGoAndFramingStays) {
  EXPECT_EQ(redacted(ask({"SET", "user:1", "se\r\nt"})),
            "*3\r\n$3\r\nSET\r\n$6\r\nxxxxxx\r\n$5\r\nxxxxx\r\n");
  EXPECT_EQ(redacted(ask({"get", "GET"})), "*2\r\n$3\r\nget\r\n$3\r\nxxx\r\n");
  EXPECT_EQ(redacted(ask({"SELECT", "12"})), ask({"SELECT", "12"}));
  EXPECT_EQ(redacted(ask({"client", "reply", "off"})), ask({"client", "reply", "off"}));
  EXPECT_EQ(redacted(ask({"HELLO", "3", "AUTH", "me", "pw"})),
            "*5\r\n$5\r\nHELLO\r\n$1\r\n3\r\n$4\r\nxxxx\r\n$2\r\nxx\r\n$2\r\nxx\r\n");
  EXPECT_EQ(redacted("set k \"v w\"\r\nPING\r\n"), "set x xx xx\r\nPING\r\n");
}

TEST(Redact, AnswersGoAndWhatTheyMeanStays) {
  EXPECT_EQ(redacted("+OK secret\r\n"), "+OK xxxxxx\r\n");
  EXPECT_EQ(redacted("+OK\r\n+some status\r\n-ERR no such 'key'\r\n-Secret\r\n"),
            "+OK\r\n+xxxxxxxxxxx\r\n-ERR xxxxxxxxxxxxx\r\n-xxxxxx\r\n");
  EXPECT_EQ(redacted(":-1207\r\n$6\r\nsecret\r\n_\r\n#t\r\n"),
            ":-1101\r\n$6\r\nxxxxxx\r\n_\r\n#t\r\n");
  EXPECT_EQ(redacted("(123\r\n,1.5\r\n!8\r\nERR text\r\n"), "(xxx\r\n,xxx\r\n!8\r\nERR xxxx\r\n");
  EXPECT_EQ(redacted(array({"message", "room", "hi"}, '>')),
            ">3\r\n$7\r\nmessage\r\n$4\r\nxxxx\r\n$2\r\nxx\r\n");
}

TEST(Redact, WhatASessionLooksForStays) {
  for (const char* kept : {"CLIENT REPLY OFF\r\n", "select 3\r\n", "-ERR unknown command\r\n",
                           "+QUEUED\r\n", "*?\r\n", "$-1\r\n"}) {
    EXPECT_EQ(redacted(kept), kept);
  }
}

TEST(Redact, ARecordThatBeginsOrEndsWithinABulk) {
  EXPECT_EQ(redacted("a secret end\r\n$3\r\nabc\r\n"), "xxxxxxxxxxxx\r\n$3\r\nxxx\r\n");
  EXPECT_EQ(redacted("*2\r\n$3\r\nGET\r\n$9\r\nsec"), "*2\r\n$3\r\nGET\r\n$9\r\nxxx");
  EXPECT_EQ(redacted("3\r\nabc\r\n$1\r\na\r\n"), "3\r\nxxx\r\n$1\r\nx\r\n");
  EXPECT_EQ(redacted("4711\r\n$1\r\na\r\n"), "xxxx\r\n$1\r\nx\r\n") << "data";
  EXPECT_EQ(redacted("*2\r\n$3\r\nGET\r\n$9"), "*2\r\n$3\r\nGET\r\n$9");
}

TEST(Redact, NoValueLetsASecretOutWhereverARecordEnds) {
  for (const char* value : {"S3CRET",
                            "a\r\nS3CRET",
                            "a\r\n$6\r\nS3CRET",
                            "SET S3CRET",
                            "a\r\nGET S3CRET\r\n",
                            "-ERR S3CRET",
                            "+OK S3CRET",
                            "\r\n-S3CRET",
                            ":S3CRET",
                            "*2\r\n$3\r\nGET\r\n$6\r\nS3CRET\r\n",
                            "#S3CRET",
                            "_S3CRET",
                            "(S3CRET",
                            "\r\n,S3CRET",
                            "=9\r\ntxt:S3CRET",
                            "SELECT S3CRET",
                            "*S3CRET",
                            "$S3CRET",
                            "%S3CRET\r\n",
                            "!10\r\nERR S3CRET"}) {
    for (const std::string& whole : {ask({"SET", "k", value}), array({value, "b"}), bulk(value)}) {
      for (size_t cut = 0; cut <= whole.size(); ++cut) {
        for (const std::string& record : {whole.substr(0, cut), whole.substr(cut)}) {
          EXPECT_EQ(redacted(record).find("S3CRET"), std::string::npos) << record;
        }
      }
    }
  }
}

TEST(Redact, TheExchangesAreTheSame) {
  const std::string asked = ask({"SELECT", "2"}) + ask({"CLIENT", "REPLY", "SKIP"}) +
                            ask({"SET", "a", "b"}) + ask({"SUBSCRIBE", "a"}) + ask({"PING"});
  const std::string told = "+OK\r\n*3\r\n$9\r\nsubscribe\r\n$1\r\na\r\n:1\r\n" +
                           array({"message", "a", "x"}) + array({"pong", ""});
  test::SessionDriver before(kProtocol);
  before.request(asked).response(told);
  test::SessionDriver after(kProtocol);
  after.request(redacted(asked)).response(redacted(told));
  ASSERT_EQ(before.ended().size(), 5u);
  ASSERT_EQ(after.ended().size(), 5u);
  for (size_t i = 0; i < 5; ++i) {
    EXPECT_EQ(after.ended()[i].outcome.name, before.ended()[i].outcome.name);
    EXPECT_EQ(after.ended()[i].start.pos, before.ended()[i].start.pos);
  }
}

}  // namespace
}  // namespace weft::protocol::redis

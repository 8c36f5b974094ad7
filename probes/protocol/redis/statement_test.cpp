// SPDX-License-Identifier: Apache-2.0
#include "probes/protocol/redis/statement.h"

#include <gtest/gtest.h>
#include <vector>

namespace weft::protocol::redis {
namespace {

std::string query(const std::vector<std::string>& words) {
  Statement statement;
  statement.begin(find_command(words[0]), words[0]);
  for (size_t i = 1; i < words.size(); ++i) {
    if (statement.wants_next()) {
      statement.shown(words[i]);
    } else {
      statement.hidden();
    }
  }
  return statement.take();
}

TEST(Statement, ShowsWhatTheTableSays) {
  EXPECT_EQ(query({"HMSET", "myhash", "field1", "Hello", "field2", "World"}),
            "HMSET myhash field1 ? field2 ?");  // the conventions' own example
  EXPECT_EQ(query({"SET", "k", "v", "EX", "10"}), "SET k ? ? ?");
  EXPECT_EQ(query({"MGET", "a", "b", "c"}), "MGET a ? ?");
  EXPECT_EQ(query({"HGET", "h", "f"}), "HGET h f");
  EXPECT_EQ(query({"HINCRBY", "h", "f", "1"}), "HINCRBY h f ?");
  EXPECT_EQ(query({"HDEL", "h", "f", "g"}), "HDEL h f g");
  EXPECT_EQ(query({"CONFIG", "set", "maxmemory", "1"}), "CONFIG SET ? ?");
  EXPECT_EQ(query({"XGROUP", "CREATE", "s", "g", "$"}), "XGROUP CREATE s ? ?");
  EXPECT_EQ(query({"XREAD", "COUNT", "1", "STREAMS", "s", "0"}), "XREAD ? ? ? ? ?");
  EXPECT_EQ(query({"CLIENT", "kill", "ID", "3"}), "CLIENT KILL ? ?");
  EXPECT_EQ(query({"CLIENT", "no evict"}), "CLIENT ?");
  EXPECT_EQ(query({"PING", "hello"}), "PING ?");
}

TEST(Statement, WhatACommandLineCouldNotHoldIsHidden) {
  EXPECT_EQ(query({"GET", "a b"}), "GET ?");
  EXPECT_EQ(query({"GET", ""}), "GET ?");
  EXPECT_EQ(query({"GET", "a\"b"}), "GET ?");
  EXPECT_EQ(query({"GET", std::string("a\0b", 3)}), "GET ?");
  EXPECT_EQ(query({"GET", "schlüssel"}), "GET schlüssel");
  EXPECT_EQ(query({"GET", "k\xff"}), "GET k\xef\xbf\xbd");
}

TEST(Statement, IsBounded) {
  EXPECT_EQ(query({"GET", std::string(128, 'k')}), "GET " + std::string(128, 'k'));
  EXPECT_EQ(query({"GET", std::string(129, 'k')}), "GET " + std::string(128, 'k') + "…");
  EXPECT_EQ(query({"GET", std::string(127, 'k') + "ü"}), "GET " + std::string(127, 'k') + "…");
  std::vector<std::string> many(1000, "x");
  many[0] = "DEL";
  std::string expected = "DEL x";
  for (int i = 1; i < 32; ++i) expected += " ?";
  EXPECT_EQ(query(many), expected + " …");
  many.assign(20, std::string(100, 'f'));
  many[0] = "HMGET";
  EXPECT_LE(query(many).size(), Statement::kMaxText);
  EXPECT_TRUE(query(many).ends_with(" …"));
}

TEST(Command, IsFoundByItsUpperCaseName) {
  ASSERT_NE(find_command("GET"), nullptr);
  EXPECT_EQ(find_command("GET")->replies, "$_=,");
  EXPECT_EQ(find_command("get"), nullptr);
  EXPECT_EQ(find_command("GETX"), nullptr);
  EXPECT_EQ(find_command(""), nullptr);
  EXPECT_NE(find_command("ACL"), nullptr);
  EXPECT_NE(find_command("ZUNIONSTORE"), nullptr);
}

}  // namespace
}  // namespace weft::protocol::redis

// SPDX-License-Identifier: Apache-2.0
#include "probes/storage/file/entry_json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace weft::engine::file {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

EntryFacts one(std::string_view text) {
  const auto all = read_entries(text);
  EXPECT_THAT(all, SizeIs(1)) << text;
  return all.empty() ? EntryFacts() : all.front();
}

constexpr std::string_view kEntry =
    R"({"operation_id": "op-1", "operation_type": "store", "backend": "s3",)"
    R"( "status": "pending", "parameters": {"id": "inner", "status": "no"}, "retry": 0})";

TEST(EntryJson, TheListedKeysOfTheOutermostObject) {
  const EntryFacts facts = one(kEntry);
  EXPECT_EQ(facts.id, "op-1");
  EXPECT_EQ(facts.type, "store");
  EXPECT_EQ(facts.backend, "s3");
  EXPECT_EQ(facts.status, "pending");
  EXPECT_EQ(facts.error_type, "");
  EXPECT_EQ(one(R"({"id":"1","error_type":"Timeout"})").error_type, "Timeout");
}

TEST(EntryJson, WhatIsInsideIsNotTheEntrys) {
  EXPECT_THAT(read_entries(R"({"a":{"id":"1"},"b":[{"id":"2"}]})"), IsEmpty());
  EXPECT_EQ(one(R"({"a":{"id":"1"},"id":"3"})").id, "3");
  EXPECT_THAT(read_entries(R"({"id":{"x":"1"},"status":["done"],"type":[["a"]]})"), IsEmpty());
}

TEST(EntryJson, TheFirstOfTheListIsBelieved) {
  EXPECT_EQ(one(R"({"id":"b","operation_id":"a"})").id, "a");
  EXPECT_EQ(one(R"({"operation_id":"a","id":"b"})").id, "a");
  EXPECT_EQ(one(R"({"uuid":"c","id":"b"})").id, "b");
  EXPECT_EQ(one(R"({"id":"1","state":"b","status":"a"})").status, "a");
}

TEST(EntryJson, OnlyTextsThatAreShortAndPrintable) {
  EXPECT_EQ(one(R"({"id":"1","type":5,"status":null,"backend":true})").type, "");
  EXPECT_EQ(one(R"({"id":"1","status":"caf\u00e9"})").status, "");
  EXPECT_EQ(one(R"({"id":"1","status":"a\nb"})").status, "");
  const std::string longest(128, 'x');
  EXPECT_EQ(one(R"({"id":"1","status":")" + longest + "\"}").status, longest);
  EXPECT_EQ(one(R"({"id":"1","status":")" + longest + "x\"}").status, "");
  EXPECT_EQ(one(R"({"operation_id":"","id":"b"})").id, "b");
}

TEST(EntryJson, ACutTextSaysWhatStandsBeforeTheCut) {
  const std::string_view status = R"("status": "pending")";
  const size_t known = kEntry.find(status) + status.size();
  for (size_t n = 0; n < kEntry.size(); ++n) {
    const auto all = read_entries(kEntry.substr(0, n));
    const std::string id = all.empty() ? "" : all[0].id;
    EXPECT_TRUE(id.empty() || id == "op-1") << n;
    if (n >= known) {
      ASSERT_THAT(all, SizeIs(1)) << n;
      EXPECT_EQ(all[0].status, "pending") << n;
    }
  }
}

TEST(EntryJson, OneALine) {
  const auto all = read_entries("{\"id\":\"1\"}\n{\"id\":\"2\"}\n\nnoise\n{\"id\":\"3\"");
  ASSERT_THAT(all, SizeIs(3));
  EXPECT_EQ(all[0].id, "1");
  EXPECT_EQ(all[1].id, "2");
  EXPECT_EQ(all[2].id, "3") << "cut";
}

TEST(EntryJson, OneOverManyLines) {
  EXPECT_EQ(one("\n  {\n  \"id\": \"1\",\n  \"status\": \"done\"\n}\n").status, "done");
  EXPECT_EQ(one("{\n  \"id\": \"1\",\n  \"status\": \"done\",\n  \"more").status, "done");
}

TEST(EntryJson, WhatIsNoObjectSaysNothing) {
  for (const char* text : {"", "  ", "null", "[{\"id\":\"1\"}]", "\"id\"", "id=1", "{]",
                           "{\"id\":}", "{\"id\" \"1\"}", "{}", "\xff\xfe", "{\"id\":\"1\xff\"}"}) {
    EXPECT_THAT(read_entries(text), IsEmpty()) << text;
  }
  EXPECT_THAT(read_entries(std::string_view("{\0}", 3)), IsEmpty());
}

TEST(EntryJson, DeepNestingIsNoBurden) {
  const std::string deep = R"({"id":"1","a":)" + std::string(4000, '[');
  EXPECT_EQ(one(deep).id, "1");
}

}  // namespace
}  // namespace weft::engine::file

// SPDX-License-Identifier: Apache-2.0
#include "agent/storage/files/patterns.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace weft::storage {
namespace {

using ::testing::HasSubstr;

using Globs = std::vector<std::string>;

Patterns made(const Globs& logs = {}, const Globs& entries = {}) {
  auto out = Patterns::make(logs, entries);
  EXPECT_TRUE(out);
  return out ? std::move(*out) : Patterns();
}

TEST(Patterns, TheFirstEngineThatFitsHasTheFile) {
  const Patterns patterns = made();
  const auto* db = patterns.find("db_wal", "any.log");
  ASSERT_NE(db, nullptr);
  EXPECT_EQ(db->engines.front()->target.name, "db");
  EXPECT_EQ(db->use, WEFT_FILE_LOG);
  const auto* file = patterns.find("elsewhere", "any.log");
  ASSERT_NE(file, nullptr);
  EXPECT_EQ(file->engines.front()->target.name, "file");
  EXPECT_EQ(patterns.find("elsewhere", "other"), nullptr);
}

TEST(Patterns, FilesAreNotOfWhoUsesTheSameNamesForSomethingElse) {
  const Patterns patterns = made();
  EXPECT_EQ(patterns.find("db_wal", "1")->engines.size(), 1u);
  EXPECT_EQ(patterns.find("any", "1.log")->engines.size(), 2u) << "for the same";
}

TEST(Patterns, LibrariesAreWatchedToo) {
  const Patterns patterns = made();
  const auto* library = patterns.find("lib", "libdb.so.3");
  ASSERT_NE(library, nullptr);
  EXPECT_EQ(library->use, WEFT_FILE_LIBRARY);
  EXPECT_EQ(library->engines.front()->target.name, "db");
}

TEST(Patterns, LibrariesWithoutAnEngine) {
  const std::string_view libraries[] = {"libtls.so*", "libdb.so*"};
  const auto patterns = Patterns::make(Globs{"mine"}, {}, libraries);
  ASSERT_TRUE(patterns);
  const auto* library = patterns->find("lib", "libtls.so.3");
  ASSERT_NE(library, nullptr);
  EXPECT_EQ(library->use, WEFT_FILE_LIBRARY);
  EXPECT_TRUE(library->engines.empty());
  EXPECT_EQ(patterns->find("lib", "libdb.so.3")->engines.size(), 1u) << "it holds one too";
  EXPECT_EQ(patterns->table().size(), made({"mine"}).table().size() + 1);
  EXPECT_EQ(patterns->table().back().min_name, 4) << "the user's come last";
}

TEST(Patterns, TheUsersComeLastAndBelongToAnyFile) {
  const Patterns patterns = made({"mine/*.log", "db_wal/*"}, {"queue/*"});
  const auto* log = patterns.find("mine", "a.log");
  ASSERT_NE(log, nullptr);
  EXPECT_EQ(log->use, WEFT_FILE_LOG);
  EXPECT_EQ(log->engines.front()->target.name, "file");
  const auto* entry = patterns.find("queue", "1");
  ASSERT_NE(entry, nullptr);
  EXPECT_EQ(entry->use, WEFT_FILE_ENTRY);
  EXPECT_EQ(patterns.find("db_wal", "1")->engines.front()->target.name, "db")
      << "the engine's own comes first";
}

TEST(Patterns, TheTableHasTheSameOrder) {
  const auto table = made({"mine"}, {"queue/*"}).table();
  const size_t built_in = made().table().size();
  ASSERT_EQ(table.size(), built_in + 2);
  EXPECT_EQ(table.front().use, WEFT_FILE_LOG);
  EXPECT_EQ(table[built_in].min_name, 4);
  EXPECT_EQ(table[built_in].use, WEFT_FILE_LOG);
  EXPECT_EQ(table[built_in + 1].min_folder, 5);
  EXPECT_EQ(table[built_in + 1].use, WEFT_FILE_ENTRY);
}

TEST(Patterns, MoreThanTheKernelSideTestsAreRefused) {
  const size_t room = WEFT_PATTERNS - made().table().size();
  EXPECT_TRUE(Patterns::make(Globs(room, "x"), {}));
  const auto refused = Patterns::make(Globs(room, "x"), Globs(1, "y"));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ExitCode::kConfig);
  EXPECT_THAT(refused.error().message, HasSubstr(std::to_string(room + 1) + " patterns of files"));
  EXPECT_THAT(refused.error().message, HasSubstr("at most " + std::to_string(room)));
}

}  // namespace
}  // namespace weft::storage

// SPDX-License-Identifier: Apache-2.0
#include "agent/storage/patterns.h"

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

TEST(Patterns, TheFirstThatFitsHasTheFile) {
  const Patterns patterns = made();
  const auto* both = patterns.find("any", "any.wal");
  ASSERT_NE(both, nullptr);
  EXPECT_EQ(both->engines[0]->name, "logdb");
  EXPECT_EQ(both->use, WEFT_FILE_LOG);
  const auto* file = patterns.find("any", "any.log");
  ASSERT_NE(file, nullptr);
  EXPECT_EQ(file->engines[0]->name, "file");
  EXPECT_EQ(patterns.find("any", "other"), nullptr);
}

TEST(Patterns, EnginesThatNameFilesAlikeShareARow) {
  const Patterns patterns = made();
  const auto* shared = patterns.find("any", "1.log");
  ASSERT_NE(shared, nullptr);
  ASSERT_EQ(shared->engines.size(), 2u);
  EXPECT_EQ(shared->engines[0]->name, "one");
  EXPECT_EQ(shared->engines[1]->name, "two");
}

TEST(Patterns, LibrariesAreWatchedToo) {
  const Patterns patterns = made();
  const auto* library = patterns.find("lib", "libtwo.so.3");
  ASSERT_NE(library, nullptr);
  EXPECT_EQ(library->use, WEFT_FILE_LIBRARY);
  EXPECT_EQ(library->engines[0]->name, "two");
}

TEST(Patterns, TheUsersComeLastAndBelongToAnyFile) {
  const Patterns patterns = made({"mine/*.log", "mine/*"}, {"queue/*"});
  const auto* log = patterns.find("mine", "a.log");
  ASSERT_NE(log, nullptr);
  EXPECT_EQ(log->use, WEFT_FILE_LOG);
  EXPECT_EQ(log->engines[0]->name, "file");
  const auto* entry = patterns.find("queue", "1");
  ASSERT_NE(entry, nullptr);
  EXPECT_EQ(entry->use, WEFT_FILE_ENTRY);
  EXPECT_EQ(patterns.find("mine", "1.wal")->engines[0]->name, "logdb") << "the engine's own first";
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

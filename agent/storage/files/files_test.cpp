// SPDX-License-Identifier: Apache-2.0
#include "agent/storage/files/files.h"

#include <gtest/gtest.h>

#include "agent/storage/files/test_records.h"

namespace weft::storage {
namespace {

using testing::file_event;

class FilesTest : public ::testing::Test {
 protected:
  std::string path(std::string_view name, std::vector<std::string_view> folders) {
    const File* file = files_.meet(file_event(1, name, std::move(folders)));
    return file ? file->log.path : "unwanted";
  }
  Files files_{*Patterns::make(std::vector<std::string>{"*.user"}, {})};
};

TEST_F(FilesTest, APathGoesUpToTheRoot) {
  EXPECT_EQ(path("any.log", {"log", "var", "/"}), "/var/log/any.log");
  EXPECT_EQ(path("any.log", {"/"}), "/any.log");
  EXPECT_EQ(path("any.log", {"a", "b", "c", "d", "e", "/"}), "/e/d/c/b/a/any.log");
}

TEST_F(FilesTest, APathThatIsLongerIsCutAtTheFront) {
  EXPECT_EQ(path("any.log", {"a", "b", "c", "d", "e", "f"}), "…/f/e/d/c/b/a/any.log");
}

TEST_F(FilesTest, AFolderlessNameIsOfAMountedRoot) {
  EXPECT_EQ(path("any.log", {}), "/any.log");
}

TEST_F(FilesTest, AFieldThatIsFullNeedsNoEnd) {
  const std::string longest(WEFT_NAME_MAX, 'n');
  const std::string name = longest.substr(0, WEFT_NAME_MAX - 5) + ".user";
  const std::string folder(WEFT_FOLDER_MAX, 'f');
  EXPECT_EQ(path(name, {folder, "/"}), "/" + folder + "/" + name);
}

TEST_F(FilesTest, WhatTheRecordSaysIsKept) {
  const File* file = files_.meet(file_event(9, "x", {"db_wal", "/"}, 5, 0x1000));
  ASSERT_NE(file, nullptr);
  EXPECT_EQ(file->log.id, 9u);
  EXPECT_EQ(file->log.name, "x");
  EXPECT_EQ(file->log.flags, 0x1000u);
  EXPECT_EQ(file->log.use, WEFT_FILE_LOG);
  EXPECT_EQ(file->engines.front()->target.name, "db");
  EXPECT_EQ(files_.find(9), file);
  EXPECT_EQ(files_.find(8), nullptr);
}

TEST_F(FilesTest, WhatNoPatternFitsIsNotKept) {
  EXPECT_EQ(files_.meet(file_event(1, "any.logs", {"/"})), nullptr);
  EXPECT_EQ(files_.size(), 0u);
}

TEST_F(FilesTest, BeyondTheBoundTheLongestUnusedGo) {
  for (uint64_t id = 1; id <= Files::kMax; ++id) {
    files_.meet(file_event(id, "any.log", {"/"}, /*time=*/id));
  }
  ASSERT_EQ(files_.size(), Files::kMax);
  files_.find(1)->used = Files::kMax;
  files_.meet(file_event(Files::kMax + 1, "any.log", {"/"}, Files::kMax + 1));
  EXPECT_LT(files_.size(), Files::kMax);
  EXPECT_GT(files_.size(), Files::kMax / 2);
  EXPECT_EQ(files_.find(2), nullptr);
  EXPECT_NE(files_.find(1), nullptr) << "used since";
  EXPECT_NE(files_.find(Files::kMax), nullptr);
  EXPECT_NE(files_.find(Files::kMax + 1), nullptr);
}

TEST_F(FilesTest, TheBoundHoldsIfAllAreUsedAtOnce) {
  for (uint64_t id = 1; id <= Files::kMax + 1; ++id) {
    files_.meet(file_event(id, "any.log", {"/"}, /*time=*/1));
  }
  EXPECT_LE(files_.size(), Files::kMax);
  EXPECT_NE(files_.find(Files::kMax + 1), nullptr);
}

}  // namespace
}  // namespace weft::storage

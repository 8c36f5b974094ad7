// SPDX-License-Identifier: Apache-2.0
// The declarative file's section on storage.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "agent/config/load/load.h"
#include "agent/config/load/print.h"
#include "agent/config/test_kinds.h"

namespace weft {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using weft::testing::kinds;

Checked read(const std::string& storage) {
  return check("file_format: \"1.1\"\ndistribution: {weft: {storage: " + storage + "}}\n", "w.yaml",
               {}, kinds());
}

StorageOptions good(const std::string& storage) {
  const Checked checked = read(storage);
  EXPECT_THAT(checked.errors, IsEmpty());
  EXPECT_THAT(checked.warnings, IsEmpty());
  return checked.config.storage;
}

TEST(StorageSection, ByDefaultTheKnownEnginesAreWatched) {
  for (const char* nothing : {"", "{}", "{files: , entries: , enabled: }"}) {
    const StorageOptions storage = good(nothing);
    EXPECT_TRUE(storage.enabled) << nothing;
    EXPECT_THAT(storage.files, IsEmpty());
    EXPECT_THAT(storage.entries, IsEmpty());
  }
}

TEST(StorageSection, IsReadAsItStands) {
  const StorageOptions storage =
      good("{enabled: false, files: [\"journal/*.log\", \"[0-9]?\"], entries: [outbox/*]}");
  EXPECT_FALSE(storage.enabled);
  EXPECT_THAT(storage.files, ElementsAre("journal/*.log", "[0-9]?"));
  EXPECT_THAT(storage.entries, ElementsAre("outbox/*"));
}

TEST(StorageSection, MistakesAreNamed) {
  const auto error = [](const std::string& storage) {
    const Checked checked = read(storage);
    return checked.errors.empty() ? "accepted" : checked.errors.front();
  };
  const std::string where = "w.yaml:2: distribution.weft.storage";
  EXPECT_EQ(error("{enabled: maybe}"), where + ".enabled: found \"maybe\", expected true or false");
  EXPECT_THAT(error("{files: \"a/*\"}"), HasSubstr(where + ".files: found \"a/*\""));
  EXPECT_THAT(error("{entries: [{a: 1}]}"), HasSubstr(where + ".entries"));
  EXPECT_THAT(error("{file: [a]}"), HasSubstr("did you mean \"files\"?"));
}

TEST(StorageSection, IsPrinted) {
  Config config = default_config(kinds());
  config.storage = {false, true, {"journal/*.log"}, {"outbox/*"}};
  EXPECT_THAT(to_yaml(config, kinds(), false), HasSubstr("    storage:\n"
                                                         "      enabled: false\n"
                                                         "      records: true\n"
                                                         "      files: [\"journal/*.log\"]\n"
                                                         "      entries: [\"outbox/*\"]\n"));
}

}  // namespace
}  // namespace weft

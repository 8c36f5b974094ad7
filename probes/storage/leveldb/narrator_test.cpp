// SPDX-License-Identifier: Apache-2.0
#include "probes/storage/leveldb/narrator.h"

#include <gtest/gtest.h>

#include "agent/base/semconv.h"

namespace weft::engine::leveldb {
namespace {

std::string error_of(const SiteCall& call) {
  Story story;
  EXPECT_TRUE(make_narrator()->call(call, {}, story));
  EXPECT_EQ(story.attributes.text(semconv::kDbSystemName), "leveldb");
  return story.error_type;
}

TEST(LevelDb, TheCodeOfAStatusIsTheError) {
  EXPECT_EQ(error_of({.number = kWrite, .values = {1, 2}}), "Corruption");
  EXPECT_EQ(error_of({.number = kWrite, .values = {1, 5}}), "IOError");
}

TEST(LevelDb, AStatusWithoutAStateIsOk) {
  EXPECT_EQ(error_of({.number = kWrite, .values = {1, 5}, .missing = 1u << kCode}), "");
}

}  // namespace
}  // namespace weft::engine::leveldb

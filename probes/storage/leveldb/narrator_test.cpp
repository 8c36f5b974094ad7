// SPDX-License-Identifier: Apache-2.0
#include "probes/storage/leveldb/narrator.h"

#include <gtest/gtest.h>

#include "agent/base/semconv.h"

namespace weft::engine::leveldb {
namespace {

Story told(const SiteCall& call, const Work& work) {
  Story story;
  EXPECT_TRUE(make_narrator()->call(call, work, story));
  EXPECT_EQ(story.name, "wal.flush");
  EXPECT_EQ(story.attributes.text(semconv::kDbSystemName), "leveldb");
  return story;
}

TEST(LevelDb, WhoSyncsLeads) {
  const Story story = told({.number = kWrite, .values = {1, 0}}, {.writes = 1, .syncs = 1});
  EXPECT_EQ(story.attributes.text(semconv::kWalRole), "leader");
  EXPECT_EQ(*story.attributes.find(semconv::kWalDurable), Value(true));
  EXPECT_TRUE(story.links.empty());
}

TEST(LevelDb, WhoWasServedFollowsAndPointsToTheSync) {
  SiteCall call{.number = kWrite, .values = {1, 0}};
  call.last_sync = std::make_shared<SpanIdentity>();
  const Story story = told(call, {});
  EXPECT_EQ(story.attributes.text(semconv::kWalRole), "follower");
  ASSERT_EQ(story.links.size(), 1u);
  EXPECT_EQ(story.links[0], call.last_sync);
}

TEST(LevelDb, AStatusThatIsNotOkIsAnErrorAndNotDurable) {
  const Story story = told({.number = kWrite, .values = {1, 5}}, {.writes = 1});
  EXPECT_EQ(story.error_type, "IOError");
  EXPECT_EQ(*story.attributes.find(semconv::kWalDurable), Value(false));
  EXPECT_EQ(told({.number = kWrite, .values = {1, 200}}, {}).error_type, "_OTHER");
}

TEST(LevelDb, WithoutACodeAllIsWell) {
  const Story story = told({.number = kWrite, .values = {1, 0}, .missing = 1u << kCode}, {});
  EXPECT_EQ(story.error_type, "");
}

}  // namespace
}  // namespace weft::engine::leveldb

// SPDX-License-Identifier: Apache-2.0
#include "agent/port/flush_story.h"

#include <gtest/gtest.h>

#include "agent/base/semconv.h"

namespace weft {
namespace {

TEST(FlushStory, SaysWhatWasDone) {
  Story story;
  tell_flush("some", {.bytes = 30, .writes = 2, .syncs = 1, .file = "/d/\xff.log"}, false, story);
  EXPECT_EQ(story.name, "wal.flush");
  EXPECT_EQ(story.attributes.text(semconv::kDbSystemName), "some");
  EXPECT_EQ(story.attributes.text(semconv::kWalFilePath), "/d/\xef\xbf\xbd.log");
  EXPECT_EQ(*story.attributes.find(semconv::kWalBytes), Value(int64_t{30}));
  EXPECT_EQ(*story.attributes.find(semconv::kWalWrites), Value(int64_t{2}));
  EXPECT_EQ(*story.attributes.find(semconv::kWalDurable), Value(false));
}

TEST(FlushStory, LeavesOutWhatIsNotKnown) {
  Story story;
  tell_flush("", {.syncs = 1}, true, story);
  EXPECT_EQ(story.attributes.size(), 1u) << "wal.durable";
}

TEST(FlushStory, WhoSyncsLeads) {
  Story story;
  tell_commit("some", {}, {.writes = 1, .syncs = 1}, story);
  EXPECT_EQ(story.attributes.text(semconv::kWalRole), "leader");
  EXPECT_EQ(*story.attributes.find(semconv::kWalDurable), Value(true));
  EXPECT_TRUE(story.links.empty());
}

TEST(FlushStory, WhoWasServedFollowsAndPointsToTheSync) {
  SiteCall call;
  call.last_sync = std::make_shared<SpanIdentity>();
  Story story;
  tell_commit("some", call, {}, story);
  EXPECT_EQ(story.attributes.text(semconv::kWalRole), "follower");
  ASSERT_EQ(story.links.size(), 1u);
  EXPECT_EQ(story.links[0], call.last_sync);
}

TEST(FlushStory, AStatusIsAnErrorAndThenNothingIsDurable) {
  constexpr std::string_view kNames[] = {"Ok", "Bad"};
  Story story;
  set_status(0, kNames, story);
  EXPECT_EQ(story.error_type, "");
  set_status(2, kNames, story);
  EXPECT_EQ(story.error_type, "_OTHER");
  set_status(1, kNames, story);
  EXPECT_EQ(story.error_type, "Bad");
  tell_commit("some", {}, {.writes = 1}, story);
  EXPECT_EQ(*story.attributes.find(semconv::kWalDurable), Value(false));
}

}  // namespace
}  // namespace weft

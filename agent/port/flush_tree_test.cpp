// SPDX-License-Identifier: Apache-2.0
#include "agent/port/flush_tree.h"

#include <gtest/gtest.h>

#include "agent/base/semconv.h"

namespace weft {
namespace {

TEST(FlushTree, SaysWhatWasDone) {
  SpanTree tree;
  describe_flush("some", {.bytes = 30, .writes = 2, .syncs = 1, .file = "/d/\xff.log"}, false,
                 tree);
  EXPECT_EQ(tree.name, "wal.flush");
  EXPECT_EQ(tree.attributes.text(semconv::kDbSystemName), "some");
  EXPECT_EQ(tree.attributes.text(semconv::kWalFilePath), "/d/\xef\xbf\xbd.log");
  EXPECT_EQ(*tree.attributes.find(semconv::kWalBytes), Value(int64_t{30}));
  EXPECT_EQ(*tree.attributes.find(semconv::kWalWrites), Value(int64_t{2}));
  EXPECT_EQ(*tree.attributes.find(semconv::kWalDurable), Value(false));
}

TEST(FlushTree, LeavesOutWhatIsNotKnown) {
  SpanTree tree;
  describe_flush("", {.syncs = 1}, true, tree);
  EXPECT_EQ(tree.attributes.size(), 1u) << "wal.durable";
}

TEST(FlushTree, WhoSyncsLeads) {
  SpanTree tree;
  describe_commit("some", {}, {.writes = 1, .syncs = 1}, tree);
  EXPECT_EQ(tree.attributes.text(semconv::kWalRole), "leader");
  EXPECT_EQ(*tree.attributes.find(semconv::kWalDurable), Value(true));
  EXPECT_TRUE(tree.links.empty());
}

TEST(FlushTree, WhoWasServedFollowsAndPointsToTheSync) {
  ProbedCall call;
  call.last_sync = std::make_shared<SpanContext>();
  SpanTree tree;
  describe_commit("some", call, {}, tree);
  EXPECT_EQ(tree.attributes.text(semconv::kWalRole), "follower");
  ASSERT_EQ(tree.links.size(), 1u);
  EXPECT_EQ(tree.links[0], call.last_sync);
}

TEST(FlushTree, AStatusIsAnErrorAndThenNothingIsDurable) {
  constexpr std::string_view kNames[] = {"Ok", "Bad"};
  SpanTree tree;
  set_status(0, kNames, tree);
  EXPECT_EQ(tree.error_type, "");
  set_status(2, kNames, tree);
  EXPECT_EQ(tree.error_type, "_OTHER");
  set_status(1, kNames, tree);
  EXPECT_EQ(tree.error_type, "Bad");
  describe_commit("some", {}, {.writes = 1}, tree);
  EXPECT_EQ(*tree.attributes.find(semconv::kWalDurable), Value(false));
}

}  // namespace
}  // namespace weft

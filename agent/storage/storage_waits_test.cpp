// SPDX-License-Identifier: Apache-2.0
// For whose sync a call has waited, and how many calls one sync has served.
#include <cerrno>
#include <gmock/gmock.h>

#include "agent/storage/storage_fixture.h"

namespace weft::storage {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using namespace testing;

TEST_F(StorageTest, AWaitIsPartOfItsCallAndLinksToTheSync) {
  sync(kDb, 0, {10, 20, /*tid=*/8, /*pid=*/8});
  call(kWait, {12, 21});
  call(kCommit, {11, 22});
  ASSERT_THAT(told(), ElementsAre("db.commit{db.wait}"));
  EXPECT_EQ(last_call().summary.waits, 1u);
  EXPECT_TRUE(last_call().summary.durable());
  call(kCommit, {10, 23, /*tid=*/8, /*pid=*/8});
  ASSERT_THAT(told(), SizeIs(2));
  const SpanTree& wait = sink_.trees[0].children[0];
  ASSERT_THAT(wait.links, SizeIs(1));
  EXPECT_EQ(wait.links[0], sink_.trees[1].children[0].span_context);
}

TEST_F(StorageTest, AWaitIsForTheLastSyncThatWasOverOfAnotherThread) {
  sync(kDb, 0, {3, 4, /*tid=*/7});              // its own
  sync(kDb, 0, {3, 4, /*tid=*/9, /*pid=*/99});  // another server's
  sync(kDb, 0, {1, 6, /*tid=*/8, /*pid=*/8});   // the one waited for
  sync(kDb, 0, {7, 30, /*tid=*/8, /*pid=*/8});  // ends too late
  call(kWait, {5, 10});
  call(kCommit, {2, 11});
  ASSERT_THAT(told(), ElementsAre("db.commit{wal.sync db.wait}"));
  const SpanTree waits = sink_.trees[0].children[1];
  wait_long(100);
  const auto& first = *std::ranges::find_if(
      sink_.trees, [](const SpanTree& s) { return s.by.tid == 8 && s.end == 6; });
  ASSERT_THAT(waits.links, SizeIs(1));
  EXPECT_EQ(waits.links[0], first.children[0].span_context);
}

TEST_F(StorageTest, AWaitBeginsAndEndsWithTheSyncAtTheLatest) {
  const auto links = [&](uint64_t start, uint64_t end) {
    sink_.trees.clear();
    call(kWait, {start, end});
    call(kCommit, {start, end});
    return sink_.trees.at(0).children.at(0).links.size();
  };
  sync(kDb, 0, {10, 20, /*tid=*/8, /*pid=*/8});
  write(kDb, 5, {20, 20, /*tid=*/8, /*pid=*/8});  // not a sync, and hides none
  EXPECT_EQ(links(12, 20), 1u);
  EXPECT_EQ(links(20, 25), 1u);
  EXPECT_EQ(links(12, 19), 0u);
  EXPECT_EQ(links(21, 25), 0u);
}

TEST_F(StorageTest, WhoDoesNotWaitHasNoLink) {
  sync(kDb, 0, {10, 20, /*tid=*/8, /*pid=*/8});
  call(kCommit, {5, 25});
  EXPECT_THAT(sink_.trees.at(0).links, IsEmpty());
}

// A server process whose records another process has already written to the log and synced.
TEST_F(StorageTest, WhoIsServedNeedNotWait) {
  sync(kDb, 0, {3, 4, /*tid=*/7});
  call(kServed, {5, 6});
  EXPECT_THAT(sink_.trees.at(0).links, IsEmpty()) << "its own was for another call";
  sink_.trees.clear();
  sync(kDb, 0, {7, 8, /*tid=*/8, /*pid=*/8});
  call(kServed, {10, 11});
  ASSERT_THAT(told(), ElementsAre("db.commit"));
  EXPECT_THAT(sink_.trees[0].links, SizeIs(1)) << "though it was over before";
  sync(kDb, 0, {12, 13, /*tid=*/8, /*pid=*/8});
  call(kWait, {12, 14});
  call(kServed, {11, 15});
  EXPECT_THAT(sink_.trees[1].children.at(0).links, SizeIs(1));
  EXPECT_THAT(sink_.trees[1].links, IsEmpty()) << "its wait says so";
}

TEST_F(StorageTest, AFailedSyncServesNobody) {
  sync(kDb, -EIO, {10, 20, /*tid=*/8, /*pid=*/8});
  call(kWait, {12, 21});
  call(kCommit, {11, 22});
  EXPECT_FALSE(last_call().summary.durable());
}

TEST_F(StorageTest, AWaitForNobodysSyncHasNoLink) {
  call(kWait, {12, 21});
  call(kCommit, {11, 22});
  ASSERT_THAT(told(), ElementsAre("db.commit{db.wait}"));
  EXPECT_THAT(sink_.trees[0].children[0].links, IsEmpty());
  EXPECT_FALSE(last_call().summary.durable());
}

TEST_F(StorageTest, GroupsAreCountedWhenTheirSyncIsForgotten) {
  sync(kDb, 0, {1, 2, /*tid=*/8, /*pid=*/8});
  call(kWait, {1, 3});
  call(kWait, {1, 4, /*tid=*/9, /*pid=*/9});
  call(kCommit, {1, 5});
  call(kCommit, {1, 5, /*tid=*/9, /*pid=*/9});
  for (uint64_t t = 10; t < 18; ++t) sync(kDb, 0, {t, t, /*tid=*/8, /*pid=*/8});
  EXPECT_THAT(meter_.groups, ElementsAre(3u));
}

TEST_F(StorageTest, OfAGroupAreWhoWasServedAndNotWhoSyncedToo) {
  sync(kDb, 0, {1, 2, /*tid=*/8, /*pid=*/8});
  call(kServed, {3, 4});
  call(kWait, {1, 5, /*tid=*/9, /*pid=*/9});
  sync(kDb, 0, {6, 7, /*tid=*/9, /*pid=*/9});
  call(kCommit, {1, 8, /*tid=*/9, /*pid=*/9});
  call(kCommit, {9, 10});  // served by no sync
  for (uint64_t t = 10; t < 18; ++t) sync(kDb, 0, {t, t, /*tid=*/8, /*pid=*/8});
  EXPECT_THAT(meter_.groups, ElementsAre(2u, 1u));
}

// Waits without a probe of their own.
class ImpliedWaitTest : public StorageTest {
 protected:
  static constexpr When kAnother{.start = 10, .end = 20, .tid = 8, .pid = 8};
  static When slept(uint64_t start, uint64_t end) {
    return {.start = start, .end = end, .flags = WEFT_PROBE_SLEPT};
  }
  static When slept_before(uint64_t start, uint64_t end) {
    return {.start = start, .end = end, .flags = WEFT_IO_SLEPT};
  }
};

TEST_F(ImpliedWaitTest, WhoSleptUntilAnothersSyncWasOverHasWaitedForIt) {
  sync(kDb, 0, kAnother);
  call(kGrouped, slept(12, 25));
  ASSERT_THAT(told(), ElementsAre("db.commit{db.wait}"));
  const SpanTree flush = sink_.trees[0];
  const SpanTree& wait = flush.children[0];
  EXPECT_EQ(wait.start, 12u);
  EXPECT_EQ(wait.end, 20u) << "from then on it waited for nothing but a processor";
  EXPECT_THAT(flush.links, IsEmpty()) << "its wait says so";
  EXPECT_TRUE(last_call().summary.durable());
  EXPECT_THAT(meter_.operations, ElementsAre("wal.sync 0", "db.wait 0", "db.commit 0"));
  wait_long(100);
  ASSERT_THAT(wait.links, SizeIs(1));
  EXPECT_EQ(wait.links[0], sink_.trees.at(1).children.at(0).span_context);
}

TEST_F(ImpliedWaitTest, WhoDidNotSleepHasOnlyBeenServed) {
  sync(kDb, 0, kAnother);
  call(kGrouped, {12, 25});
  ASSERT_THAT(told(), ElementsAre("db.commit"));
  EXPECT_THAT(sink_.trees[0].links, SizeIs(1));
}

TEST_F(ImpliedWaitTest, WhoSleptForAnotherReasonHasNotWaited) {
  sync(kDb, 0, kAnother);
  call(kGrouped, slept(21, 25));
  sync(kDb, 0, {30, 50, /*tid=*/8, /*pid=*/8});
  call(kGrouped, slept(31, 49));
  sync(kUnfinished, 0, {60, 70, /*tid=*/8, /*pid=*/8});
  call(kGrouped, slept(61, 75));
  sync(kDb, -EIO, {80, 90, /*tid=*/8, /*pid=*/8});
  call(kGrouped, slept(81, 95));
  EXPECT_THAT(told(), ElementsAre("db.commit", "db.commit", "db.commit", "db.commit"));
}

TEST_F(ImpliedWaitTest, WhoSyncsItselfHasWaitedBefore) {
  sync(kDb, 0, kAnother);
  write(kDb, 5, slept_before(21, 22));
  sync(kDb, 0, slept_before(22, 30));
  call(kGrouped, slept(12, 31));
  ASSERT_THAT(told(), ElementsAre("db.commit{db.wait wal.sync}"));
  EXPECT_EQ(sink_.trees[0].children[0].end, 20u);
  EXPECT_EQ(last_call().summary.syncs, 1u);
}

TEST_F(ImpliedWaitTest, ItsOwnSyncIsNoReasonToSleepBefore) {
  sync(kDb, 0, kAnother);
  write(kDb, 5, {21, 22});
  sync(kDb, 0, slept_before(22, 30));
  call(kGrouped, slept(12, 31));
  EXPECT_THAT(told(), ElementsAre("db.commit{wal.sync}"));
}

TEST_F(ImpliedWaitTest, WhatEndsAfterItsOwnWriteBeganWasNotWaitedFor) {
  sync(kDb, 0, kAnother);
  write(kDb, 5, slept_before(15, 16));
  call(kGrouped, slept(12, 31));
  EXPECT_THAT(told(), ElementsAre("db.commit"));
}

TEST_F(ImpliedWaitTest, AWaitThatWasProbedIsNotToldTwice) {
  sync(kDb, 0, kAnother);
  call(kWait, {13, 22});
  call(kGrouped, slept(12, 25));
  ASSERT_THAT(told(), ElementsAre("db.commit{db.wait}"));
  EXPECT_EQ(sink_.trees[0].children[0].start, 13u);
}

TEST_F(ImpliedWaitTest, TheGroupIsCounted) {
  sync(kDb, 0, kAnother);
  call(kGrouped, slept(12, 25));
  call(kGrouped, {.start = 13, .end = 26, .tid = 9, .pid = 9, .flags = WEFT_PROBE_SLEPT});
  for (uint64_t t = 30; t < 38; ++t) sync(kDb, 0, {t, t, /*tid=*/8, /*pid=*/8});
  EXPECT_THAT(meter_.groups, ElementsAre(3u));
}

}  // namespace
}  // namespace weft::storage

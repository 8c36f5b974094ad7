// SPDX-License-Identifier: Apache-2.0
#include "agent/storage/threads.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace weft::storage {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

struct Spec {
  uint64_t start = 0;
  uint64_t end = 0;
  uint32_t tid = 1;
  uint64_t file = 1;
  uint64_t xid = 0;
  uint32_t pid = 1;
  const char* error = "";
};

Deed write(const Spec& s) {
  Deed deed;
  deed.is_write = true;
  deed.file = s.file;
  deed.work = {.bytes = 10, .writes = 1};
  deed.story.start = s.start;
  deed.story.end = s.end;
  deed.story.by = {.time = s.end, .tid = s.tid, .task_xid = s.xid, .pid = s.pid};
  deed.story.error_type = s.error;
  return deed;
}

Deed sync(const Spec& s) {
  Deed deed = write(s);
  deed.is_write = false;
  deed.is_sync = true;
  deed.work = {};
  return deed;
}

TEST(Threads, WritesInARowAreOneDeed) {
  Threads threads;
  threads.add(write({1, 2}));
  threads.add(write({3, 4}));
  const auto all = threads.within(1, 0, 10);
  ASSERT_THAT(all, SizeIs(1));
  EXPECT_EQ(all[0].work.bytes, 20u);
  EXPECT_EQ(all[0].work.writes, 2u);
  EXPECT_EQ(all[0].story.start, 1u);
  EXPECT_EQ(all[0].story.end, 4u);
}

TEST(Threads, AnythingBetweenThemPartsThem) {
  const Deed others[] = {sync({3, 4}), write({3, 4, 1, 2}), write({3, 4, 1, 1, 9}),
                         write({3, 4, 1, 1, 0, 1, "ENOSPC"})};
  for (const Deed& other : others) {
    Threads threads;
    threads.add(write({1, 2}));
    threads.add(other);
    threads.add(write({5, 6}));
    EXPECT_THAT(threads.within(1, 0, 10), SizeIs(3));
  }
}

TEST(Threads, WithinTakesWhatEndedThereAndLeavesTheRest) {
  Threads threads;
  threads.add(sync({1, 2}));
  threads.add(sync({3, 4}));
  threads.add(sync({5, 6}));
  threads.add(sync({3, 4, /*tid=*/2}));
  const auto taken = threads.within(1, 3, 4);
  ASSERT_THAT(taken, SizeIs(1));
  EXPECT_EQ(taken[0].story.start, 3u);
  EXPECT_THAT(threads.within(1, 3, 4), IsEmpty());
  EXPECT_THAT(threads.within(1, 0, 10), SizeIs(2));
  EXPECT_THAT(threads.within(1, 0, 10), IsEmpty());
  EXPECT_THAT(threads.within(2, 0, 10), SizeIs(1));
  EXPECT_EQ(threads.size(), 0u);
}

TEST(Threads, WritesAreAnyThreadsOfTheProcess) {
  Threads threads;
  threads.add(write({1, 2, /*tid=*/1}));
  threads.add(write({1, 2, /*tid=*/2}));
  threads.add(sync({3, 4, /*tid=*/2}));
  threads.add(write({1, 2, /*tid=*/3, /*file=*/2}));
  threads.add(write({1, 2, /*tid=*/4, /*file=*/1, /*xid=*/0, /*pid=*/2}));
  EXPECT_THAT(threads.writes(1, 1, 1), IsEmpty()) << "not over by then";
  EXPECT_THAT(threads.writes(1, 1, 2), SizeIs(2));
  EXPECT_THAT(threads.writes(1, 1, 2), IsEmpty());
  EXPECT_THAT(threads.within(2, 0, 10), SizeIs(1)) << "the sync stays";
  EXPECT_EQ(threads.size(), 2u);
}

TEST(Threads, OlderTakesWhatEndedBefore) {
  using Kind = Threads::Kind;
  Threads threads;
  threads.add(sync({1, 2}));
  threads.add(sync({3, 5}));
  threads.add(sync({1, 4, /*tid=*/2}));
  threads.add(write({6, 7, /*tid=*/2}));
  EXPECT_THAT(threads.older(Kind::kOther, 5), SizeIs(2));
  EXPECT_THAT(threads.older(Kind::kOther, 5), IsEmpty());
  EXPECT_THAT(threads.older(Kind::kOther, 9), SizeIs(1));
  EXPECT_THAT(threads.older(Kind::kWrite, 7), IsEmpty());
  EXPECT_THAT(threads.older(Kind::kWrite, 8), SizeIs(1));
  EXPECT_EQ(threads.size(), 0u);
}

TEST(Threads, TheOldestMakesRoom) {
  Threads threads;
  for (uint64_t i = 1; i <= Threads::kMaxDeeds; ++i) {
    EXPECT_THAT(threads.add(sync({i, i})), IsEmpty());
  }
  const auto early = threads.add(sync({100, 100}));
  ASSERT_THAT(early, SizeIs(1));
  EXPECT_EQ(early[0].story.start, 1u);
  EXPECT_THAT(threads.within(1, 0, 1000), SizeIs(Threads::kMaxDeeds));
}

}  // namespace
}  // namespace weft::storage

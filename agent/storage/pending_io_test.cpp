// SPDX-License-Identifier: Apache-2.0
#include "agent/storage/pending_io.h"

#include <gtest/gtest.h>

namespace weft::storage {
namespace {

PendingIo make_io(uint64_t file, uint64_t time, bool is_sync) {
  PendingIo out;
  out.file = file;
  out.is_sync = is_sync;
  out.is_write = !is_sync;
  out.summary.writes = is_sync ? 0 : 1;
  out.tree.start = out.tree.end = time;
  out.tree.by.tid = 1;
  out.tree.by.pid = 2;
  return out;
}

TEST(PendingIoTable, WritesToOneFileInARowAreOne) {
  PendingIoTable threads;
  threads.add(make_io(1, 10, false));
  threads.add(make_io(1, 11, false));
  threads.add(make_io(2, 12, false));
  const auto all = threads.within(1, {0, 100});
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all[0].summary.writes, 2u);
  EXPECT_EQ(threads.size(), 0u);
}

TEST(PendingIoTable, OfWritesInARowACallHasItsOwn) {
  PendingIoTable threads;
  for (uint64_t time = 10; time < 15; ++time) threads.add(make_io(1, time, false));
  const auto inside = threads.within(1, {13, 20});
  ASSERT_EQ(inside.size(), 1u);
  EXPECT_EQ(inside[0].summary.writes, 2u);
  EXPECT_EQ(inside[0].tree.start, 13u);
  const auto before = threads.within(1, {0, 20});
  ASSERT_EQ(before.size(), 1u);
  EXPECT_EQ(before[0].summary.writes, 3u);
  EXPECT_EQ(before[0].tree.end, 12u);
}

TEST(PendingIoTable, EvenIfItIsOnlyTheLast) {
  PendingIoTable threads;
  for (uint64_t time = 0; time < PendingIoTable::kMaxRuns; ++time)
    threads.add(make_io(1, time, false));
  const auto last = threads.within(1, {PendingIoTable::kMaxRuns - 1, PendingIoTable::kMaxRuns});
  ASSERT_EQ(last.size(), 1u);
  EXPECT_EQ(last[0].summary.writes, 1u);
  const auto all_but_one = threads.within(1, {1, PendingIoTable::kMaxRuns});
  ASSERT_EQ(all_but_one.size(), 1u);
  EXPECT_EQ(all_but_one[0].summary.writes, PendingIoTable::kMaxRuns - 2)
      << "so many are told apart";
}

TEST(PendingIoTable, ASyncHasTheWritesBeforeIt) {
  PendingIoTable threads;
  for (uint64_t time = 10; time < 15; ++time) threads.add(make_io(1, time, false));
  const auto before = threads.writes(2, 1, 12);
  ASSERT_EQ(before.size(), 1u);
  EXPECT_EQ(before[0].summary.writes, 2u);
  EXPECT_EQ(threads.within(1, {0, 20}).at(0).summary.writes, 3u);
}

TEST(PendingIoTable, ManyWritesInARowAreBoundedAndAllCounted) {
  PendingIoTable threads;
  constexpr uint64_t kMany = 10 * PendingIoTable::kMaxRuns;
  for (uint64_t time = 0; time < kMany; ++time) threads.add(make_io(1, time, false));
  const auto last = threads.within(1, {kMany - 5, kMany});
  ASSERT_EQ(last.size(), 1u);
  EXPECT_EQ(last[0].summary.writes, 5u);
  const auto all = threads.within(1, {0, kMany});
  ASSERT_EQ(all.size(), 1u);
  EXPECT_LE(all[0].runs.size(), PendingIoTable::kMaxRuns);
  EXPECT_EQ(all[0].summary.writes, kMany - 5);
}

TEST(PendingIoTable, AnythingBetweenWritesPartsThem) {
  PendingIo failed = make_io(1, 11, false);
  failed.tree.error_type = "ENOSPC";
  PendingIo for_another = make_io(1, 11, false);
  for_another.tree.by.current_exchange = 9;
  PendingIo of_a_call = make_io(1, 11, false);
  of_a_call.within = 3;
  for (const PendingIo& other :
       {make_io(1, 11, true), make_io(2, 11, false), failed, for_another, of_a_call}) {
    PendingIoTable threads;
    threads.add(make_io(1, 10, false));
    threads.add(other);
    threads.add(make_io(1, 12, false));
    EXPECT_EQ(threads.within(1, {0, 100}).size(), 3u);
  }
}

TEST(PendingIoTable, WritesAreAnyThreadsOfTheProcess) {
  PendingIoTable threads;
  PendingIo another = make_io(1, 11, false);
  another.tree.by.tid = 5;
  PendingIo stranger = make_io(1, 11, false);
  stranger.tree.by = {.tid = 6, .pid = 3};
  threads.add(make_io(1, 10, false));
  threads.add(another);
  threads.add(stranger);
  EXPECT_TRUE(threads.writes(2, 1, 9).empty()) << "not over by then";
  EXPECT_EQ(threads.writes(2, 1, 11).size(), 2u);
  EXPECT_TRUE(threads.writes(2, 1, 11).empty());
  EXPECT_EQ(threads.size(), 1u);
}

TEST(PendingIoTable, WritesAreNeitherSyncsNorAnotherFiles) {
  PendingIoTable threads;
  threads.add(make_io(1, 10, false));
  threads.add(make_io(2, 11, false));
  PendingIo sync = make_io(1, 12, true);
  sync.tree.by.tid = 5;
  threads.add(sync);
  const auto found = threads.writes(2, 1, 20);
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].tree.start, 10u);
  EXPECT_EQ(threads.size(), 2u);
}

TEST(PendingIoTable, WhatIsDueIsGivenOnceButWritesNotBeforeTheirSync) {
  PendingIoTable threads;
  threads.add(make_io(1, 10, false));
  threads.add(make_io(1, 20, true));
  threads.add(make_io(1, 30, false));
  const auto before = [](uint64_t time) {
    return [time](const PendingIo& d) { return d.tree.end < time; };
  };
  EXPECT_TRUE(threads.due(before(15)).empty()) << "a sync follows";
  EXPECT_EQ(threads.due(before(25)).size(), 1u);
  EXPECT_TRUE(threads.due(before(5)).empty());
  EXPECT_EQ(threads.due(before(31)).size(), 2u);
  EXPECT_EQ(threads.size(), 0u);
}

TEST(PendingIoTable, WithinIsTheThreadsOwnAndWhollyInside) {
  PendingIoTable threads;
  threads.add(make_io(1, 10, true));
  threads.add(make_io(1, 20, true));
  EXPECT_TRUE(threads.within(2, {0, 100}).empty());
  EXPECT_TRUE(threads.within(1, {15, 19}).empty());
  EXPECT_EQ(threads.within(1, {15, 20}).size(), 1u);
  EXPECT_EQ(threads.within(1, {0, 100}).size(), 1u);
}

TEST(PendingIoTable, WhenFullTheOldestGoesButWritesOnlyAfterTheirSync) {
  PendingIoTable threads;
  threads.add(make_io(1, 1, false));
  threads.add(make_io(2, 2, false));
  threads.add(make_io(1, 3, true));
  for (uint64_t i = 3; i < PendingIoTable::kMaxPending; ++i) threads.add(make_io(9, 10 + i, true));
  auto early = threads.add(make_io(9, 100, true));
  ASSERT_EQ(early.size(), 1u);
  EXPECT_EQ(early[0].file, 2u) << "nothing syncs it";
  early = threads.add(make_io(9, 101, true));
  ASSERT_EQ(early.size(), 1u);
  EXPECT_TRUE(early[0].is_sync);
  EXPECT_EQ(early[0].file, 1u);
  EXPECT_EQ(threads.writes(2, 1, early[0].tree.start).size(), 1u);
}

PendingIo part(uint16_t within, uint64_t start, uint64_t end) {
  PendingIo out = make_io(1, end, true);
  out.tree.start = start;
  out.within = within;
  return out;
}

std::vector<uint64_t> starts(const std::vector<PendingIo>& ios) {
  std::vector<uint64_t> out;
  for (const PendingIo& d : ios) out.push_back(d.tree.start);
  return out;
}

// A statement suspended between its rows: what another statement does meanwhile is not part of it.
TEST(PendingIoTable, ACallHasWhatWasDoneInItWhateverTheTimes) {
  PendingIoTable threads;
  for (const PendingIo& d : {part(2, 11, 12), part(3, 13, 14), part(2, 15, 16)}) threads.add(d);
  const PendingIoTable::Call inner{.start = 10, .end = 20, .number = 2, .outermost = false};
  EXPECT_EQ(starts(threads.within(1, inner)), (std::vector<uint64_t>{11, 15}));
  const PendingIoTable::Call outer{.start = 9, .end = 30, .number = 1};
  EXPECT_EQ(starts(threads.within(1, outer)), std::vector<uint64_t>{13}) << "3 was not told";
}

TEST(PendingIoTable, WhereACallIsNotKnownTimesSay) {
  PendingIoTable threads;
  for (const PendingIo& d : {part(0, 11, 12), part(3, 13, 14)}) threads.add(d);
  const PendingIoTable::Call inner{.start = 10, .end = 20, .number = 2, .outermost = false};
  EXPECT_EQ(starts(threads.within(1, inner)), std::vector<uint64_t>{11})
      << "that of the pending I/O";
  const PendingIoTable::Call unnumbered{.start = 10, .end = 20, .number = 0, .outermost = false};
  EXPECT_EQ(starts(threads.within(1, unnumbered)), std::vector<uint64_t>{13});
}

TEST(PendingIoTable, NumbersComeAgainAndTimesDoNot) {
  PendingIoTable threads;
  threads.add(part(7, 1, 2));
  EXPECT_EQ(threads.within(1, {.start = 10, .end = 20, .number = 7}).size(), 0u);
}

TEST(PendingIoTable, OfTheManyPartsOfACallTheLastAreCountedInTheOneBefore) {
  PendingIoTable threads;
  for (uint64_t i = 0; i < PendingIoTable::kMaxPending; ++i) {
    EXPECT_FALSE(threads.fold(part(2, 2 * i, 2 * i + 1)));
    threads.add(part(2, 2 * i, 2 * i + 1));
  }
  PendingIo more = part(2, 500, 501);
  more.summary = {.bytes = 5, .writes = 1, .syncs = 1};
  EXPECT_TRUE(threads.fold(more));
  more.tree.links.push_back(std::make_shared<SpanContext>());
  EXPECT_TRUE(threads.fold(more));
  EXPECT_FALSE(threads.fold(part(9, 502, 503))) << "of another call";
  const auto all = threads.within(1, {.start = 0, .end = 600, .number = 2});
  ASSERT_EQ(all.size(), PendingIoTable::kMaxPending);
  EXPECT_EQ(all.back().summary.bytes, 10u);
  EXPECT_EQ(all.back().summary.waits, 1u) << "what is linked to was waited for";
}

TEST(PendingIoTable, OfNoCallNothingIsCountedInTheOneBefore) {
  PendingIoTable threads;
  for (uint64_t i = 0; i < PendingIoTable::kMaxPending; ++i) threads.add(part(0, 2 * i, 2 * i + 1));
  EXPECT_FALSE(threads.fold(part(0, 500, 501)));
}

}  // namespace
}  // namespace weft::storage

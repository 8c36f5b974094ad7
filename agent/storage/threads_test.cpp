// SPDX-License-Identifier: Apache-2.0
#include "agent/storage/threads.h"

#include <gtest/gtest.h>

namespace weft::storage {
namespace {

Deed deed(uint64_t file, uint64_t time, bool is_sync) {
  Deed out;
  out.file = file;
  out.is_sync = is_sync;
  out.is_write = !is_sync;
  out.work.writes = is_sync ? 0 : 1;
  out.story.start = out.story.end = time;
  out.story.by.tid = 1;
  out.story.by.pid = 2;
  return out;
}

TEST(Threads, WritesToOneFileInARowAreOne) {
  Threads threads;
  threads.add(deed(1, 10, false));
  threads.add(deed(1, 11, false));
  threads.add(deed(2, 12, false));
  const auto all = threads.within(1, {0, 100});
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all[0].work.writes, 2u);
  EXPECT_EQ(threads.size(), 0u);
}

TEST(Threads, OfWritesInARowACallHasItsOwn) {
  Threads threads;
  for (uint64_t time = 10; time < 15; ++time) threads.add(deed(1, time, false));
  const auto inside = threads.within(1, {13, 20});
  ASSERT_EQ(inside.size(), 1u);
  EXPECT_EQ(inside[0].work.writes, 2u);
  EXPECT_EQ(inside[0].story.start, 13u);
  const auto before = threads.within(1, {0, 20});
  ASSERT_EQ(before.size(), 1u);
  EXPECT_EQ(before[0].work.writes, 3u);
  EXPECT_EQ(before[0].story.end, 12u);
}

TEST(Threads, EvenIfItIsOnlyTheLast) {
  Threads threads;
  for (uint64_t time = 0; time < Threads::kMaxPieces; ++time) threads.add(deed(1, time, false));
  const auto last = threads.within(1, {Threads::kMaxPieces - 1, Threads::kMaxPieces});
  ASSERT_EQ(last.size(), 1u);
  EXPECT_EQ(last[0].work.writes, 1u);
  const auto all_but_one = threads.within(1, {1, Threads::kMaxPieces});
  ASSERT_EQ(all_but_one.size(), 1u);
  EXPECT_EQ(all_but_one[0].work.writes, Threads::kMaxPieces - 2) << "so many are told apart";
}

TEST(Threads, ASyncHasTheWritesBeforeIt) {
  Threads threads;
  for (uint64_t time = 10; time < 15; ++time) threads.add(deed(1, time, false));
  const auto before = threads.writes(2, 1, 12);
  ASSERT_EQ(before.size(), 1u);
  EXPECT_EQ(before[0].work.writes, 2u);
  EXPECT_EQ(threads.within(1, {0, 20}).at(0).work.writes, 3u);
}

TEST(Threads, ManyWritesInARowAreBoundedAndAllCounted) {
  Threads threads;
  constexpr uint64_t kMany = 10 * Threads::kMaxPieces;
  for (uint64_t time = 0; time < kMany; ++time) threads.add(deed(1, time, false));
  const auto last = threads.within(1, {kMany - 5, kMany});
  ASSERT_EQ(last.size(), 1u);
  EXPECT_EQ(last[0].work.writes, 5u);
  const auto all = threads.within(1, {0, kMany});
  ASSERT_EQ(all.size(), 1u);
  EXPECT_LE(all[0].pieces.size(), Threads::kMaxPieces);
  EXPECT_EQ(all[0].work.writes, kMany - 5);
}

TEST(Threads, AnythingBetweenWritesPartsThem) {
  Deed failed = deed(1, 11, false);
  failed.story.error_type = "ENOSPC";
  Deed for_another = deed(1, 11, false);
  for_another.story.by.task_xid = 9;
  Deed of_a_call = deed(1, 11, false);
  of_a_call.within = 3;
  for (const Deed& other :
       {deed(1, 11, true), deed(2, 11, false), failed, for_another, of_a_call}) {
    Threads threads;
    threads.add(deed(1, 10, false));
    threads.add(other);
    threads.add(deed(1, 12, false));
    EXPECT_EQ(threads.within(1, {0, 100}).size(), 3u);
  }
}

TEST(Threads, WritesAreAnyThreadsOfTheProcess) {
  Threads threads;
  Deed another = deed(1, 11, false);
  another.story.by.tid = 5;
  Deed stranger = deed(1, 11, false);
  stranger.story.by = {.tid = 6, .pid = 3};
  threads.add(deed(1, 10, false));
  threads.add(another);
  threads.add(stranger);
  EXPECT_TRUE(threads.writes(2, 1, 9).empty()) << "not over by then";
  EXPECT_EQ(threads.writes(2, 1, 11).size(), 2u);
  EXPECT_TRUE(threads.writes(2, 1, 11).empty());
  EXPECT_EQ(threads.size(), 1u);
}

TEST(Threads, WritesAreNeitherSyncsNorAnotherFiles) {
  Threads threads;
  threads.add(deed(1, 10, false));
  threads.add(deed(2, 11, false));
  Deed sync = deed(1, 12, true);
  sync.story.by.tid = 5;
  threads.add(sync);
  const auto found = threads.writes(2, 1, 20);
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].story.start, 10u);
  EXPECT_EQ(threads.size(), 2u);
}

TEST(Threads, WhatIsDueIsGivenOnceButWritesNotBeforeTheirSync) {
  Threads threads;
  threads.add(deed(1, 10, false));
  threads.add(deed(1, 20, true));
  threads.add(deed(1, 30, false));
  const auto before = [](uint64_t time) {
    return [time](const Deed& d) { return d.story.end < time; };
  };
  EXPECT_TRUE(threads.due(before(15)).empty()) << "a sync follows";
  EXPECT_EQ(threads.due(before(25)).size(), 1u);
  EXPECT_TRUE(threads.due(before(5)).empty());
  EXPECT_EQ(threads.due(before(31)).size(), 2u);
  EXPECT_EQ(threads.size(), 0u);
}

TEST(Threads, WithinIsTheThreadsOwnAndWhollyInside) {
  Threads threads;
  threads.add(deed(1, 10, true));
  threads.add(deed(1, 20, true));
  EXPECT_TRUE(threads.within(2, {0, 100}).empty());
  EXPECT_TRUE(threads.within(1, {15, 19}).empty());
  EXPECT_EQ(threads.within(1, {15, 20}).size(), 1u);
  EXPECT_EQ(threads.within(1, {0, 100}).size(), 1u);
}

TEST(Threads, WhenFullTheOldestGoesButWritesOnlyAfterTheirSync) {
  Threads threads;
  threads.add(deed(1, 1, false));
  threads.add(deed(2, 2, false));
  threads.add(deed(1, 3, true));
  for (uint64_t i = 3; i < Threads::kMaxDeeds; ++i) threads.add(deed(9, 10 + i, true));
  auto early = threads.add(deed(9, 100, true));
  ASSERT_EQ(early.size(), 1u);
  EXPECT_EQ(early[0].file, 2u) << "nothing syncs it";
  early = threads.add(deed(9, 101, true));
  ASSERT_EQ(early.size(), 1u);
  EXPECT_TRUE(early[0].is_sync);
  EXPECT_EQ(early[0].file, 1u);
  EXPECT_EQ(threads.writes(2, 1, early[0].story.start).size(), 1u);
}

Deed part(uint16_t within, uint64_t start, uint64_t end) {
  Deed out = deed(1, end, true);
  out.story.start = start;
  out.within = within;
  return out;
}

std::vector<uint64_t> starts(const std::vector<Deed>& deeds) {
  std::vector<uint64_t> out;
  for (const Deed& d : deeds) out.push_back(d.story.start);
  return out;
}

// A statement put aside between its rows: what another does meanwhile is not its own.
TEST(Threads, ACallHasWhatWasDoneInItWhateverTheTimes) {
  Threads threads;
  for (const Deed& d : {part(2, 11, 12), part(3, 13, 14), part(2, 15, 16)}) threads.add(d);
  const Threads::Call inner{.start = 10, .end = 20, .number = 2, .outermost = false};
  EXPECT_EQ(starts(threads.within(1, inner)), (std::vector<uint64_t>{11, 15}));
  const Threads::Call outer{.start = 9, .end = 30, .number = 1};
  EXPECT_EQ(starts(threads.within(1, outer)), std::vector<uint64_t>{13}) << "3 was not told";
}

TEST(Threads, WhereACallIsNotKnownTimesSay) {
  Threads threads;
  for (const Deed& d : {part(0, 11, 12), part(3, 13, 14)}) threads.add(d);
  const Threads::Call inner{.start = 10, .end = 20, .number = 2, .outermost = false};
  EXPECT_EQ(starts(threads.within(1, inner)), std::vector<uint64_t>{11}) << "that of the deed";
  const Threads::Call unnumbered{.start = 10, .end = 20, .number = 0, .outermost = false};
  EXPECT_EQ(starts(threads.within(1, unnumbered)), std::vector<uint64_t>{13});
}

TEST(Threads, NumbersComeAgainAndTimesDoNot) {
  Threads threads;
  threads.add(part(7, 1, 2));
  EXPECT_EQ(threads.within(1, {.start = 10, .end = 20, .number = 7}).size(), 0u);
}

TEST(Threads, OfTheManyPartsOfACallTheLastAreCountedInTheOneBefore) {
  Threads threads;
  for (uint64_t i = 0; i < Threads::kMaxDeeds; ++i) {
    EXPECT_FALSE(threads.fold(part(2, 2 * i, 2 * i + 1)));
    threads.add(part(2, 2 * i, 2 * i + 1));
  }
  Deed more = part(2, 500, 501);
  more.work = {.bytes = 5, .writes = 1, .syncs = 1};
  EXPECT_TRUE(threads.fold(more));
  more.story.links.push_back(std::make_shared<SpanIdentity>());
  EXPECT_TRUE(threads.fold(more));
  EXPECT_FALSE(threads.fold(part(9, 502, 503))) << "of another call";
  const auto all = threads.within(1, {.start = 0, .end = 600, .number = 2});
  ASSERT_EQ(all.size(), Threads::kMaxDeeds);
  EXPECT_EQ(all.back().work.bytes, 10u);
  EXPECT_EQ(all.back().work.waits, 1u) << "what is linked to was waited for";
}

TEST(Threads, OfNoCallNothingIsCountedInTheOneBefore) {
  Threads threads;
  for (uint64_t i = 0; i < Threads::kMaxDeeds; ++i) threads.add(part(0, 2 * i, 2 * i + 1));
  EXPECT_FALSE(threads.fold(part(0, 500, 501)));
}

}  // namespace
}  // namespace weft::storage

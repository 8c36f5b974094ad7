// SPDX-License-Identifier: Apache-2.0
// Probed calls of an engine, and the I/O inside them.
#include <cerrno>
#include <gmock/gmock.h>

#include "agent/storage/storage_fixture.h"

namespace weft::storage {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using namespace testing;

TEST_F(StorageTest, InsideACallTheyAreItsParts) {
  write(kDb, 100, {12, 13});
  sync(kDb, 0, {14, 18});
  EXPECT_THAT(told(), IsEmpty());
  call(kCommit, {10, 20});
  ASSERT_THAT(told(), ElementsAre("db.commit{wal.sync}"));
  EXPECT_EQ(sink_.trees[0].start, 10u);
  EXPECT_EQ(sink_.trees[0].end, 20u);
  EXPECT_NE(sink_.trees[0].parent_ref, nullptr);
  EXPECT_EQ(last_call().summary.bytes, 100u);
  EXPECT_EQ(last_call().summary.writes, 1u);
  EXPECT_EQ(last_call().summary.syncs, 1u);
  EXPECT_EQ(last_call().file, "/db_wal/1");
  EXPECT_TRUE(last_call().summary.durable());
  EXPECT_EQ(last_call().missing, 2u);
  EXPECT_THAT(meter_.operations, ElementsAre("wal.write 100", "wal.sync 0", "db.commit 100"));
  EXPECT_THAT(meter_.files, ElementsAre("/db_wal/1", "/db_wal/1", "/db_wal/1"));
}

TEST_F(StorageTest, IoOfAnotherThreadAreNoPartOfACall) {
  sync(kDb, 0, {14, 18, /*tid=*/8});
  call(kCommit, {10, 20, /*tid=*/7});
  EXPECT_THAT(told(), ElementsAre("db.commit"));
  EXPECT_FALSE(last_call().summary.durable());
}

TEST_F(StorageTest, WritesBeforeTheCallAreNotItsOwn) {
  write(kDb, 100, {2, 3});
  write(kDb, 50, {12, 13});
  sync(kDb, 0, {14, 18});
  call(kCommit, {10, 20});
  wait_long(100);
  EXPECT_THAT(told(), ElementsAre("db.commit{wal.sync}", "wal.append"));
  EXPECT_EQ(last_call().summary.bytes, 50u);
}

TEST_F(StorageTest, ACallThatIsNotToldLeavesItsParts) {
  write(kDb, 10, {11, 12});
  sync(kDb, 0, {13, 14});
  call(kDull, {10, 20});
  EXPECT_THAT(told(), ElementsAre("wal.sync"));
}

TEST_F(StorageTest, ACallThatNeverComesIsNotWaitedForTwice) {
  write(kDb, 10, {11, 12});
  sync(kDb, 0, {13, 14});
  write(kDb, 5, {15, 16});
  EXPECT_THAT(told(), IsEmpty());
  wait_long(16);
  ASSERT_THAT(told(), ElementsAre("wal.flush{wal.sync}", "wal.append"));
  EXPECT_EQ(number(sink_.trees[0], semconv::kWalBytes), 10);
  EXPECT_EQ(number(sink_.trees[1], semconv::kWalBytes), 5);
  sink_.trees.clear();
  sync(kDb, 0, {30, 31});
  storage_.sweep(32 + LogIo::kShortPatience);
  EXPECT_THAT(told(), ElementsAre("wal.flush{wal.sync}"));
  call(kCommit, {40, 41});  // now they are present
  sink_.trees.clear();
  sync(kDb, 0, {50, 51});
  EXPECT_THAT(told(), IsEmpty());
}

TEST_F(StorageTest, WhoseCallsComeIsWaitedForThoughOneIsLost) {
  call(kWait, {11, 12});
  wait_long(12);
  sync(kDb, 0, {13, 14});
  storage_.sweep(15 + LogIo::kShortPatience);
  EXPECT_THAT(told(), ElementsAre("db.wait")) << "the sync is not told yet";
}

TEST_F(StorageTest, WhoseWritesAreInNoCallIsNotWaitedForTwice) {
  write(kDb, 10, {11, 12});
  wait_long(12);
  write(kDb, 10, {13, 14});
  storage_.sweep(15 + LogIo::kShortPatience);
  EXPECT_THAT(told(), ElementsAre("wal.append", "wal.append"));
}

TEST_F(StorageTest, FlushesWithoutTheirCallAreCounted) {
  const Counter& inferred = counters_.get("weft.storage.inferred_flushes", {{"engine", "db"}});
  sync(kDb, 0, {11, 12});
  call(kCommit, {10, 20});
  EXPECT_EQ(inferred.value(), 0u);
  write(kDb, 10, {31, 32});
  sync(kDb, 0, {33, 34});
  wait_long(34);
  EXPECT_EQ(inferred.value(), 1u) << "a flush, not its writes";
  write(kDb, 10, {41, 42});
  call(kWait, {43, 44});
  wait_long(44);
  EXPECT_EQ(inferred.value(), 1u) << "what is not synced is no flush";
  sync(kAny, 0, {51, 52});
  for (const CounterSet::Sample& sample : counters_.samples()) {
    EXPECT_NE(label_value(sample.labels, "engine"), "file") << "it has no calls";
  }
}

// Calls that an engine makes of itself: VACUUM, full text search, a function that runs statements.
TEST_F(StorageTest, ACallWithinACallIsPartOfIt) {
  sync(kDb, 0, {.start = 11, .end = 12, .within = 3});
  call(kCommit, {.start = 10, .end = 13, .within = 1, .call = 3});
  call(kCommit, {.start = 14, .end = 15, .within = 1, .call = 4});
  EXPECT_THAT(told(), IsEmpty());
  wait_long(15);
  EXPECT_THAT(told(), IsEmpty()) << "however long the call around takes";
  call(kCommit, {.start = 9, .end = 20, .call = 1});
  ASSERT_THAT(told(), ElementsAre("db.commit{db.commit{wal.sync} db.commit}"));
  EXPECT_EQ(last_call().summary.syncs, 1u) << "what they did counts";
  EXPECT_EQ(last_call().file, "/db_wal/1");
  call(kCommit, {.start = 30, .end = 31, .call = 5});
  EXPECT_THAT(told(), ElementsAre("db.commit{db.commit{wal.sync} db.commit}", "db.commit"));
}

TEST_F(StorageTest, ACallIsOfTheOneItBeganInThoughAnotherWasPutAside) {
  call(kCommit, {.start = 12, .end = 13, .within = 1, .call = 3});  // between the other's rows
  call(kCommit, {.start = 11, .end = 14, .within = 1, .call = 2});
  call(kCommit, {.start = 10, .end = 15, .call = 1});
  EXPECT_THAT(told(), ElementsAre("db.commit{db.commit db.commit}"));
}

TEST_F(StorageTest, ThePartsOfACallThatIsNotToldAreThoseOfTheCallAround) {
  sync(kDb, 0, {.start = 12, .end = 13, .within = 2});
  call(kDull, {.start = 11, .end = 14, .within = 1, .call = 2});
  EXPECT_THAT(told(), IsEmpty());
  call(kCommit, {.start = 10, .end = 15, .call = 1});
  EXPECT_THAT(told(), ElementsAre("db.commit{wal.sync}"));
}

TEST_F(StorageTest, WhereTheCallAroundIsLostItIsToldInTheEnd) {
  call(kCommit, {.start = 10, .end = 11, .within = 1, .call = 2});
  storage_.sweep(11 + LogIo::kLongPatience);
  EXPECT_THAT(told(), IsEmpty());
  storage_.sweep(12 + LogIo::kLongPatience);
  EXPECT_THAT(told(), ElementsAre("db.commit"));
}

TEST_F(StorageTest, OfManyPartsTheLastAreCountedOnly) {
  constexpr uint64_t kMany = PendingIoTable::kMaxPending + 6;
  for (uint64_t i = 1; i <= kMany; ++i) sync(kDb, 0, {.start = i, .end = i, .within = 1});
  call(kCommit, {.start = 0, .end = 100, .call = 1});
  ASSERT_THAT(sink_.trees, SizeIs(1));
  EXPECT_THAT(sink_.trees[0].children, SizeIs(PendingIoTable::kMaxPending));
  EXPECT_EQ(last_call().summary.syncs, kMany);
  EXPECT_EQ(counters_.get("weft.storage.dropped", {{"cause", "many_inside"}}).value(), 6u);
}

TEST_F(StorageTest, AFailedWriteIsWorthASpan) {
  write(kDb, -ENOSPC, {11, 12});
  write(kDb, 0, {13, 14});
  sync(kDb, 0, {15, 16});
  call(kCommit, {10, 20});
  EXPECT_THAT(told(), ElementsAre("db.commit!ENOSPC{wal.write!ENOSPC wal.sync}"));
  EXPECT_EQ(last_call().summary.writes, 0u);
}

TEST_F(StorageTest, ATextNamesTheStatement) {
  call(kCommit, {10, 20}, "COMMIT");
  EXPECT_EQ(sink_.statements.back(), statement_hash("COMMIT"));
  EXPECT_TRUE(sink_.owns.back());
  EXPECT_EQ(last_call().text, "COMMIT");
  sync(kAny, 0, {21, 22});
  EXPECT_EQ(sink_.statements.back(), 0u);
  EXPECT_FALSE(sink_.owns.back());
  call(kCommit, {30, 40});
  EXPECT_EQ(sink_.statements.back(), 0u);
}

TEST_F(StorageTest, ABirthIsRememberedUntilTheEnd) {
  weft_ev_fork fork{};
  head(fork.h, WEFT_EV_FORK, sizeof fork, {1, 1, 1, 1});
  fork.child_pid = 7;
  send(fork);
  call(kCommit, {10, 20});
  EXPECT_TRUE(last_call().seen_from_start);
  weft_event exit{};
  head(exit, WEFT_EV_EXIT, sizeof exit, {21, 21});
  storage_.on_event({&exit});
  call(kCommit, {30, 40});
  EXPECT_FALSE(last_call().seen_from_start);
}

}  // namespace
}  // namespace weft::storage

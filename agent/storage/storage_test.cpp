// SPDX-License-Identifier: Apache-2.0
// Which file operations become which span trees.
#include <cerrno>
#include <gmock/gmock.h>

#include "agent/storage/storage_fixture.h"

namespace weft::storage {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using namespace testing;

TEST_F(StorageTest, WritesAndTheirSyncAreAFlush) {
  write(kAny, 10, {10, 11});
  write(kAny, 20, {12, 13});
  sync(kAny, 0, {14, 20});
  ASSERT_THAT(told(), ElementsAre("wal.flush{wal.sync}"));
  const SpanTree& flush = sink_.trees[0];
  EXPECT_EQ(flush.start, 10u);
  EXPECT_EQ(flush.end, 20u);
  EXPECT_EQ(number(flush, semconv::kWalBytes), 30);
  EXPECT_EQ(number(flush, semconv::kWalWrites), 2);
  EXPECT_TRUE(durable(flush));
  EXPECT_EQ(flush.attributes.text(semconv::kWalFilePath), "/any.log");
  EXPECT_EQ(flush.children[0].start, 14u);
  EXPECT_EQ(flush.children[0].attributes.text(semconv::kWalSyncMethod), "fdatasync");
  EXPECT_EQ(number(flush.children[0], semconv::kWalBytes), 30);
  EXPECT_NE(flush.children[0].span_context, nullptr);
}

TEST_F(StorageTest, EachSyncHasTheBytesSinceTheLast) {
  write(kAny, 10, {10, 11});
  sync(kAny, 0, {12, 13});
  sync(kAny, 0, {14, 15});
  ASSERT_THAT(told(), ElementsAre("wal.flush{wal.sync}", "wal.flush{wal.sync}"));
  EXPECT_EQ(number(sink_.trees[1].children[0], semconv::kWalBytes), 0);
}

TEST_F(StorageTest, AnotherThreadsWritesAreFlushedToo) {
  write(kAny, 10, {10, 11, 8});
  sync(kAny, 0, {12, 13, 7});
  ASSERT_THAT(told(), SizeIs(1));
  EXPECT_EQ(number(sink_.trees[0], semconv::kWalBytes), 10);
}

TEST_F(StorageTest, AWriteThroughIsASync) {
  write(kSyncing, 10, {10, 12});
  ASSERT_THAT(told(), ElementsAre("wal.flush{wal.sync}"));
  EXPECT_EQ(sink_.trees[0].children[0].attributes.text(semconv::kWalSyncMethod), "write");
  EXPECT_EQ(number(sink_.trees[0].children[0], semconv::kWalBytes), 10);
  EXPECT_THAT(meter_.operations, ElementsAre("wal.sync 10"));
}

TEST_F(StorageTest, EverySyncIsNamed) {
  io(kAny, WEFT_FILE_FSYNC, 0, {10, 11});
  io(kAny, WEFT_FILE_SYNC_RANGE, 0, {12, 13});
  ASSERT_THAT(told(), ElementsAre("wal.flush{wal.sync}", "wal.flush{wal.sync}"));
  const auto method = [&](size_t i) {
    return sink_.trees[i].children[0].attributes.text(semconv::kWalSyncMethod);
  };
  EXPECT_EQ(method(0), "fsync");
  EXPECT_EQ(method(1), "sync_file_range");
}

TEST_F(StorageTest, OpeningALogDoesNothingToIt) {
  io(kAny, WEFT_FILE_OPEN, 3, {10, 11});
  io(kAny, WEFT_FILE_CLOSE, 0, {12, 13});
  wait_long(13);
  EXPECT_THAT(told(), IsEmpty());
  EXPECT_THAT(meter_.operations, IsEmpty());
}

TEST_F(StorageTest, WritesThatNothingSyncedAreAnAppendAfterAWhile) {
  for (const uint64_t time : {10, 20}) {  // however often it happens: this engine has no calls to
                                          // miss
    sink_.trees.clear();
    write(kAny, 10, {time, time + 1});
    storage_.sweep(time + 1 + LogIo::kPatience);
    EXPECT_THAT(told(), IsEmpty());
    wait_long(time + 1);
    ASSERT_THAT(told(), ElementsAre("wal.append"));
    EXPECT_FALSE(durable(sink_.trees[0]));
  }
}

TEST_F(StorageTest, AnAppendTakesNothingFromACallOfAnotherThread) {
  write(kDb, 10, {.start = 10, .end = 11, .tid = 8, .within = 3});
  write(kDb, 10, {.start = 12, .end = 13});
  wait_long(13);
  EXPECT_THAT(told(), ElementsAre("wal.append"));
  call(kCommit, {.start = 9, .end = 14, .tid = 8, .call = 3});
  EXPECT_EQ(last_call().summary.writes, 1u);
}

TEST_F(StorageTest, ErrorsAreNamed) {
  write(kAny, 10, {10, 11});
  sync(kAny, -EIO, {12, 13});
  ASSERT_THAT(told(), ElementsAre("wal.flush!EIO{wal.sync!EIO}"));
  EXPECT_FALSE(durable(sink_.trees[0]));
  EXPECT_THAT(meter_.operations, ElementsAre("wal.write 10", "wal.sync 0 failed"));
  sync(kAny, 0, {14, 15});
  EXPECT_EQ(number(sink_.trees[1].children[0], semconv::kWalBytes), 10) << "still unsynced";
}

TEST_F(StorageTest, WhatIsNotKnownIsCounted) {
  write(77, 10, {10, 11});
  call(kCommit, {10, 20}, {}, /*engine=*/200);
  call(static_cast<Call>(99), {10, 20});
  EXPECT_THAT(told(), IsEmpty());
  EXPECT_EQ(counters_.get("weft.storage.dropped", {{"cause", "unknown_file"}}).value(), 3u);
}

TEST_F(StorageTest, AnUnwantedNameIsTakenBack) {
  weft_ev_file e = file_event(9, "any.logs", {"/"});
  e.key.dentry = 42;
  send(e);
  EXPECT_THAT(unwanted_, ElementsAre(42u));
}

TEST_F(StorageTest, EntriesGoToTheirTracer) {
  io(kEntry, WEFT_FILE_WRITE, 2, {10, 11}, "{}");
  EXPECT_THAT(heard(), ElementsAre("entry 2 {}"));
  EXPECT_THAT(told(), ElementsAre("entry"));
  EXPECT_THAT(meter_.operations, ElementsAre("entry 0"));
}

TEST_F(StorageTest, LibrariesAreAnnounced) {
  io(kLibrary, WEFT_FILE_MAP, 0, {10, 11, 70, 71});
  EXPECT_THAT(libraries_, ElementsAre(71u));
}

TEST_F(StorageTest, RenamesGoToTheInstanceOfTheirProcess) {
  weft_ev_rename e{};
  head(e.h, WEFT_EV_RENAME, sizeof e, {10, 10});
  put(e.from, "a");
  put(e.to, "b");
  send(e);
  EXPECT_THAT(heard(), IsEmpty()) << "nobody is there to hear";
  io(kEntry, WEFT_FILE_OPEN, 3, {10, 11});
  heard().clear();
  send(e);
  e.h.pid = 700;
  send(e);
  EXPECT_THAT(heard(), ElementsAre("renamed a b"));
}

TEST_F(StorageTest, OtherInstancesHearNothing) {
  io(kEntry, WEFT_FILE_OPEN, 3, {10, 11, 7, 7});
  io(kEntry, WEFT_FILE_OPEN, 3, {10, 11, 70, 70});
  heard().clear();
  weft_ev_rename e{};
  head(e.h, WEFT_EV_RENAME, sizeof e, {10, 10});
  send(e);
  EXPECT_THAT(heard(), SizeIs(1));
}

TEST_F(StorageTest, AnInstanceHasOneTracerUntilItsFirstProcessEnds) {
  const int before = tracers_made();
  const auto open = [&] { io(kEntry, WEFT_FILE_OPEN, 3, {10, 11, 77, 77}); };
  open();
  open();
  EXPECT_EQ(tracers_made(), before + 1);
  weft_event exit{};
  head(exit, WEFT_EV_EXIT, sizeof exit, {20, 20, 7, 7});  // the process has done nothing itself
  storage_.on_event({&exit});
  open();
  EXPECT_EQ(tracers_made(), before + 2);
}

TEST_F(StorageTest, TracersHearOfTimeAndOfEnds) {
  io(kEntry, WEFT_FILE_OPEN, 3, {10, 11, 7, 0});  // represents its instance
  io(kEntry, WEFT_FILE_OPEN, 3, {10, 11, 7, 5});
  heard().clear();
  wait_long(1);
  weft_event exit{};
  head(exit, WEFT_EV_EXIT, sizeof exit, {20, 20, 7, 5});
  storage_.on_event({&exit});
  exit.pid = 0;
  storage_.on_event({&exit});
  wait_long(30);
  EXPECT_THAT(heard(), ElementsAre("tick", "exited 5", "exited 0")) << "gone with its process";
}

TEST_F(StorageTest, NobodyAsksWhoAStrangerIs) {
  weft_ev_rename rename{};
  weft_event end{};
  for (uint32_t pid = 100; pid < 200; ++pid) {
    head(rename.h, WEFT_EV_RENAME, sizeof rename, {10, 10, pid, pid});
    send(rename);
    head(end, pid % 2 ? WEFT_EV_EXEC : WEFT_EV_EXIT, sizeof end, {20, 20, pid, pid});
    storage_.on_event({&end});
  }
  EXPECT_THAT(asked_, IsEmpty());
  for (uint64_t time = 10; time < 20; ++time) sync(kAny, 0, {time, time + 1});
  EXPECT_THAT(asked_, ElementsAre(7u)) << "once of who does something";
}

TEST_F(StorageTest, AnExecEndsWhatTheOldProgramDid) {
  write(kDb, 8192, {10, 11});
  write(kDb, 8192, {10, 11, /*tid=*/8, /*pid=*/8});
  weft_event exec{};
  head(exec, WEFT_EV_EXEC, sizeof exec, {20, 20, 7, 7});
  storage_.on_event({&exec});
  ASSERT_THAT(sink_.trees, SizeIs(1)) << "not another's";
  EXPECT_EQ(sink_.trees[0].by.pid, 7u);
  sync(kAny, 0, {30, 31});
  EXPECT_THAT(asked_, ElementsAre(7u, 8u, 7u)) << "it may be of another instance now";
}

}  // namespace
}  // namespace weft::storage

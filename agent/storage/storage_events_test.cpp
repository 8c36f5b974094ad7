// SPDX-License-Identifier: Apache-2.0
// Each kind of event, what fails, and what is counted.
#include <cerrno>
#include <fcntl.h>
#include <gmock/gmock.h>

#include "agent/storage/storage_fixture.h"

namespace weft::storage {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using testing::kPid;
using testing::kSecond;
using testing::names;
using ::testing::SizeIs;
using testing::StorageTest;

class StorageEventsTest : public StorageTest {
 protected:
  static int64_t bytes(const Story& story) {
    return std::get<int64_t>(*story.attributes.find(semconv::kWalBytes));
  }
  static bool durable(const Story& story) {
    return std::get<bool>(*story.attributes.find(semconv::kWalDurable));
  }
  void rename(const char* from, const char* to, uint32_t pid = kPid) {
    auto e = head<weft_ev_rename>(WEFT_EV_RENAME, 10, 1);
    e.h.pid = pid;
    std::strcpy(e.from, from);
    std::strcpy(e.to, to);
    send(e.h);
  }
};

TEST_F(StorageEventsTest, AFlushHasTheBytesSinceTheLast) {
  const uint64_t log = file("any.log");
  write(log, 10);
  write(log, 12, /*tid=*/2);
  sync(log, 14, 15);
  sync(log, 16, 17);
  ASSERT_THAT(teller_.told, SizeIs(2));
  const Story& sync = teller_.told[0].inner.at(0);
  EXPECT_EQ(bytes(teller_.told[0]), 20) << "of every thread";
  EXPECT_TRUE(durable(teller_.told[0]));
  EXPECT_EQ(sync.attributes.text(semconv::kWalSyncMethod), "fdatasync");
  EXPECT_EQ(bytes(sync), 20);
  EXPECT_NE(sync.identity, nullptr);
  EXPECT_EQ(bytes(teller_.told[1].inner.at(0)), 0);
}

TEST_F(StorageEventsTest, AWriteThroughIsASync) {
  const uint64_t log = file("any.log", "data", O_WRONLY | O_DSYNC);
  write(log, 10);
  ASSERT_THAT(names(teller_.told), ElementsAre("wal.flush by files"));
  EXPECT_EQ(teller_.told[0].inner.at(0).attributes.text(semconv::kWalSyncMethod), "write");
  EXPECT_EQ(bytes(teller_.told[0].inner[0]), 10);
  EXPECT_TRUE(durable(teller_.told[0]));
}

TEST_F(StorageEventsTest, AnAppendIsNotDurable) {
  write(file("any.log"), 10);
  storage_.sweep(3 * kSecond);
  ASSERT_THAT(names(teller_.told), ElementsAre("wal.append by files"));
  EXPECT_FALSE(durable(teller_.told[0]));
}

TEST_F(StorageEventsTest, AFailedSyncMakesNothingDurable) {
  const uint64_t log = file("any.log");
  write(log, 10);
  done(log, WEFT_FILE_FSYNC, 12, 13, -EIO);
  ASSERT_THAT(teller_.told, SizeIs(1));
  EXPECT_EQ(teller_.told[0].error_type, "EIO");
  EXPECT_EQ(teller_.told[0].inner.at(0).error_type, "EIO");
  EXPECT_FALSE(durable(teller_.told[0]));
  sync(log, 14, 15);
  EXPECT_EQ(bytes(teller_.told[1].inner.at(0)), 10) << "still to be synced";
}

TEST_F(StorageEventsTest, AFailedSyncServesNobody) {
  const uint64_t log = file("a.wal");
  done(log, WEFT_FILE_FSYNC, 10, 15, -EIO, /*tid=*/2);
  call(kTestFlush, 9, 16);
  EXPECT_EQ(heard.last_sync, nullptr);
}

TEST_F(StorageEventsTest, AFailedWriteIsWorthASpan) {
  done(file("a.wal"), WEFT_FILE_WRITE, 11, 12, -ENOSPC);
  call(kTestFlush, 10, 20);
  ASSERT_THAT(names(teller_.told), ElementsAre("flush"));
  EXPECT_EQ(teller_.told[0].error_type, "ENOSPC");
  EXPECT_THAT(names(teller_.told[0].inner), ElementsAre("wal.write"));
  EXPECT_EQ(heard.work.writes, 0u);
}

TEST_F(StorageEventsTest, WritesThatGoOnInACallAreItsOwn) {
  const uint64_t log = file("a.wal");
  write(log, 2);
  write(log, 12);
  sync(log, 14, 18);
  call(kTestFlush, 10, 20);
  storage_.sweep(3 * kSecond);
  EXPECT_THAT(names(teller_.told), ElementsAre("flush"));
  EXPECT_EQ(heard.work.bytes, 20u);
}

TEST_F(StorageEventsTest, ACallThatIsNotToldLeavesItsParts) {
  const uint64_t log = file("a.wal");
  write(log, 11);
  sync(log, 12, 13);
  call(kTestDull, 10, 20);
  EXPECT_THAT(names(teller_.told), ElementsAre("wal.sync"));
}

TEST_F(StorageEventsTest, EveryOperationIsMeasured) {
  const uint64_t log = file("a.wal");
  write(log, 11);
  done(log, WEFT_FILE_WRITE, 12, 13, -EIO);
  sync(log, 14, 15);
  call(kTestFlush, 10, 20);
  EXPECT_THAT(meter_.operations,
              ElementsAre("wal.write 10", "wal.write 0 failed", "wal.sync 0", "flush 10 failed"));
}

TEST_F(StorageEventsTest, GroupsAreCountedWhenTheirSyncIsForgotten) {
  const uint64_t log = file("a.wal");
  sync(log, 10, 20, /*tid=*/9);
  call(kTestFlush, 11, 21, /*tid=*/1);
  call(kTestFlush, 12, 22, /*tid=*/2);
  for (uint64_t t = 30; t < 38; ++t) sync(log, t, t, /*tid=*/9);
  EXPECT_THAT(meter_.groups, ElementsAre(3u));
}

TEST_F(StorageEventsTest, WhatIsNotKnownIsCounted) {
  write(77, 10);
  call(kTestFlush, 10, 20, 1, /*engine=*/200);
  call(static_cast<TestCall>(99), 10, 20);
  EXPECT_THAT(teller_.told, IsEmpty());
  EXPECT_EQ(counters_.get("weft.storage.dropped", {{"cause", "unknown_file"}}).value(), 3u);
}

TEST_F(StorageEventsTest, AnUnwantedNameIsTakenBack) {
  const uint64_t id = file("other.txt");
  EXPECT_THAT(unwanted_, ElementsAre(id));
  file("any.log");
  EXPECT_THAT(unwanted_, SizeIs(1));
}

TEST_F(StorageEventsTest, EntriesGoToTheirNarrator) {
  const uint64_t entry = file("1.json", "jobs");
  io(entry, WEFT_FILE_OPEN, 10, 11);
  EXPECT_THAT(notices, ElementsAre("entry 1"));
  EXPECT_THAT(names(teller_.told), ElementsAre("entry"));
  EXPECT_THAT(meter_.operations, ElementsAre("entry 0"));
}

TEST_F(StorageEventsTest, RenamesGoToTheInstanceOfTheirProcess) {
  rename("a", "b");
  EXPECT_THAT(notices, IsEmpty()) << "nobody is there to hear";
  io(file("1.json", "jobs"), WEFT_FILE_OPEN, 10, 11);
  notices.clear();
  rename("a", "b");
  rename("c", "d", kPid + 1);
  EXPECT_THAT(notices, ElementsAre("renamed a b"));
}

TEST_F(StorageEventsTest, LibrariesAreAnnounced) {
  io(file("libtwo.so.1"), WEFT_FILE_MAP, 1, 1);
  EXPECT_THAT(libraries_, ElementsAre("two"));
}

TEST_F(StorageEventsTest, NarratorsHearOfTimeAndOfEnds) {
  io(file("1.json", "jobs"), WEFT_FILE_OPEN, 10, 11);
  notices.clear();
  storage_.sweep(3 * kSecond);
  exit(kPid + 1);
  exit();
  storage_.sweep(4 * kSecond);
  EXPECT_THAT(notices, ElementsAre("tick", "exited 101", "exited 100")) << "and is gone";
}

TEST_F(StorageEventsTest, ABirthIsRememberedUntilTheEnd) {
  auto fork = head<weft_ev_fork>(WEFT_EV_FORK, 1, 1);
  fork.h.pid = 1;
  fork.child_pid = kPid;
  send(fork.h);
  call(kTestFlush, 10, 20);
  EXPECT_TRUE(heard.born);
  exit();
  call(kTestFlush, 30, 40);
  EXPECT_FALSE(heard.born);
}

TEST_F(StorageEventsTest, ATextNamesTheStatement) {
  auto e = head<weft_ev_site>(WEFT_EV_SITE, 20, 1);
  e.engine = 7;
  e.number = kTestFlush;
  e.missing = 2;
  e.text_len = 6;
  std::memcpy(e.text, "COMMIT", 6);
  send(e.h);
  EXPECT_EQ(teller_.last_statement, statement_hash("COMMIT"));
  EXPECT_EQ(heard.text, "COMMIT");
  EXPECT_EQ(heard.missing, 2u);
  call(kTestFlush, 30, 40);
  EXPECT_EQ(teller_.last_statement, 0u);
}

}  // namespace
}  // namespace weft::storage

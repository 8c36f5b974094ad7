// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include "agent/storage/storage_fixture.h"

namespace weft {
std::span<const Engine> engines() {
  return test_engines();
}
}  // namespace weft

namespace weft::storage {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

using testing::kPid;
using testing::kSecond;
using testing::names;
using testing::StorageTest;

TEST_F(StorageTest, ACallHasWhatItsThreadDidInside) {
  const uint64_t log = file("a.wal");
  write(log, 11);
  write(log, 12, /*tid=*/2);
  sync(log, 13, 19);
  call(kTestFlush, 10, 20);
  ASSERT_THAT(names(teller_.told), ElementsAre("flush"));
  EXPECT_THAT(names(teller_.told[0].inner), ElementsAre("wal.sync"));
  EXPECT_EQ(heard.work.writes, 1u);
  EXPECT_EQ(heard.work.syncs, 1u);
  EXPECT_EQ(heard.file, "/data/a.wal");
}

TEST_F(StorageTest, WithoutACallWritesAndTheirSyncAreOneFlush) {
  const uint64_t log = file("a.wal");
  write(log, 10);
  sync(log, 12, 20);
  storage_.sweep(kSecond);
  EXPECT_THAT(teller_.told, IsEmpty()) << "a call may still end around them";
  storage_.sweep(3 * kSecond);
  ASSERT_THAT(names(teller_.told), ElementsAre("wal.flush by files"));
  EXPECT_EQ(teller_.told[0].start, 10u);
  EXPECT_EQ(teller_.told[0].attributes.text(semconv::kDbSystemName), "logdb");
}

TEST_F(StorageTest, WritesWaitForASyncThatIsTooYoungToBeTold) {
  const uint64_t log = file("a.wal");
  write(log, 10);
  sync(log, 2 * kSecond, 2 * kSecond + 5);
  storage_.sweep(3 * kSecond);
  EXPECT_THAT(teller_.told, IsEmpty());
  storage_.sweep(5 * kSecond);
  EXPECT_THAT(names(teller_.told), ElementsAre("wal.flush by files"));
}

TEST_F(StorageTest, AThreadWithoutCallsIsToldSoonAndAnotherIsNot) {
  const uint64_t log = file("a.wal");
  sync(log, 10, 20, /*tid=*/2);
  storage_.sweep(3 * kSecond);
  teller_.told.clear();
  sync(log, 4 * kSecond, 4 * kSecond + 5, /*tid=*/2);
  sync(log, 4 * kSecond, 4 * kSecond + 5, /*tid=*/1);
  storage_.sweep(5 * kSecond);
  ASSERT_EQ(teller_.told.size(), 1u);
  EXPECT_EQ(teller_.told[0].by.tid, 2u);
  call(kTestFlush, 4 * kSecond, 4 * kSecond + 6, /*tid=*/1);
  EXPECT_EQ(heard.work.syncs, 1u);
}

TEST_F(StorageTest, ACallMakesItsThreadOneToWaitForAgain) {
  const uint64_t log = file("a.wal");
  sync(log, 10, 20);
  storage_.sweep(3 * kSecond);
  call(kTestFlush, 3 * kSecond, 3 * kSecond + 1);
  teller_.told.clear();
  sync(log, 4 * kSecond, 4 * kSecond + 5);
  storage_.sweep(5 * kSecond);
  EXPECT_THAT(teller_.told, IsEmpty());
}

TEST_F(StorageTest, ASyncDoesNotTakeWritesThatBeganAfterIt) {
  const uint64_t log = file("any.log");
  write(log, 15, /*tid=*/1);
  sync(log, 10, 20, /*tid=*/2);
  ASSERT_THAT(names(teller_.told), ElementsAre("wal.flush by files")) << "no calls to wait for";
  EXPECT_EQ(teller_.told[0].attributes.find(semconv::kWalWrites), nullptr);
}

TEST_F(StorageTest, WhatACallWritesAndSyncsIsAFlushInside) {
  const uint64_t log = file("a.wal");
  write(log, 11);
  sync(log, 12, 14);
  sync(log, 16, 17);
  call(kTestPart, 15, 18);
  write(log, 19);
  call(kTestStep, 10, 20);
  ASSERT_THAT(names(teller_.told), ElementsAre("step"));
  const std::vector<Story>& inner = teller_.told[0].inner;
  ASSERT_THAT(names(inner), ElementsAre("wal.flush by files", "part", "wal.append by files"));
  EXPECT_THAT(names(inner[0].inner), ElementsAre("wal.sync"));
  EXPECT_EQ(inner[0].start, 11u);
  EXPECT_EQ(inner[0].end, 14u);
  EXPECT_EQ(heard.work.writes, 2u);
  EXPECT_EQ(heard.file, "/data/a.wal");
}

TEST_F(StorageTest, WhoDoesNotSyncIsServedByTheLastSyncWhileItWaited) {
  const uint64_t log = file("a.wal");
  sync(log, 1, 5, /*tid=*/2);
  call(kTestFlush, 6, 9);
  EXPECT_EQ(heard.last_sync, nullptr) << "it was over before";
  sync(log, 10, 15, /*tid=*/2);
  call(kTestFlush, 9, 16);
  EXPECT_NE(heard.last_sync, nullptr);
  sync(log, 17, 18, /*tid=*/1);
  call(kTestFlush, 11, 19);
  EXPECT_EQ(heard.last_sync, nullptr) << "its own";
}

TEST_F(StorageTest, FilesOfOneNameAreOfTheEngineThatTheProcessHolds) {
  const uint64_t log = file("1.log");
  storage_.held(engines()[2], kPid);
  write(log, 10);
  sync(log, 12, 20);
  exit();
  ASSERT_THAT(names(teller_.told), ElementsAre("wal.flush by files")) << "told when it ends";
  EXPECT_EQ(teller_.told[0].attributes.text(semconv::kDbSystemName), "two");
}

TEST_F(StorageTest, ACallTellsWhichEngineItIs) {
  const uint64_t log = file("1.log");
  call(kTestFlush, 1, 2, 1, /*engine=*/9);
  sync(log, 12, 20);
  storage_.sweep(4 * kSecond);
  EXPECT_EQ(teller_.told.back().attributes.text(semconv::kDbSystemName), "two");
}

TEST_F(StorageTest, OfAnUnknownEngineOnlyFlushesAreToldAndNoneIsNamed) {
  write(file("1.log"), 10);
  const uint64_t log = file("2.log");
  write(log, 11);
  sync(log, 12, 20);
  storage_.sweep(4 * kSecond);
  ASSERT_THAT(names(teller_.told), ElementsAre("wal.flush"));
  EXPECT_EQ(teller_.told[0].attributes.find(semconv::kDbSystemName), nullptr);
  EXPECT_EQ(counters_.get("weft.storage.dropped", {{"cause", "no_engine"}}).value(), 1u);
}

TEST_F(StorageTest, ALibraryThatIsMappedIsHeld) {
  io(file("libtwo.so.1"), WEFT_FILE_MAP, 1, 1);
  write(file("1.log"), 10);
  storage_.sweep(4 * kSecond);
  ASSERT_EQ(teller_.told.size(), 1u);
  EXPECT_EQ(teller_.told[0].attributes.text(semconv::kDbSystemName), "two");
}

TEST_F(StorageTest, ALongTextIsWhole) {
  struct {
    weft_ev_site site;
    char more[200];
  } record{};
  const std::string text(sizeof record.site.text + sizeof record.more, 'q');
  record.site = head<weft_ev_site>(WEFT_EV_SITE, 2, 1);
  record.site.h.size = sizeof record;
  record.site.engine = 7;
  record.site.number = kTestStep;
  record.site.text_len = static_cast<uint16_t>(text.size());
  std::memcpy(reinterpret_cast<char*>(&record) + offsetof(weft_ev_site, text), text.data(),
              text.size());
  send(record.site.h);
  EXPECT_EQ(heard.text, text);
}

}  // namespace
}  // namespace weft::storage

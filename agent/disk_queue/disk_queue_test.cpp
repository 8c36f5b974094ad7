// SPDX-License-Identifier: Apache-2.0
#include "agent/disk_queue/disk_queue.h"

#include <filesystem>
#include <fstream>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <map>
#include <sys/wait.h>

namespace weft::disk_queue {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;

constexpr uint64_t kSecond = 1'000'000'000;

struct DiskQueueTest : testing::Test {
  DiskQueueTest() {
    char name[] = "/tmp/weft-queue-XXXXXX";
    options.directory = std::string(mkdtemp(name)) + "/otlp";
    options.now = [this] { return now; };
  }
  ~DiskQueueTest() override {
    std::filesystem::remove_all(std::filesystem::path(options.directory).parent_path());
  }

  void open(std::string_view format = "otlp protobuf") {
    queue.reset();
    lost.clear();
    auto made = DiskQueue::open(options, format, [this](std::string_view cause, uint64_t spans) {
      lost[std::string(cause)] += spans;
    });
    ASSERT_TRUE(made.has_value()) << made.error().message;
    queue = std::move(*made);
  }
  // Accepts and stores a parcel of `spans` spans.
  void put(std::string bytes, uint64_t spans = 1) {
    queue->accepted(spans);
    ASSERT_TRUE(queue->append({.bytes = std::move(bytes), .spans = spans}));
  }
  std::string take() {
    const auto stored = queue->front();
    if (!stored) return "nothing";
    queue->pop(*stored);
    return stored->parcel.bytes;
  }
  std::vector<std::string> files() const {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(options.directory)) {
      if (entry.path().extension() == ".segment") names.push_back(entry.path());
    }
    std::ranges::sort(names);
    return names;
  }

  Options options;
  uint64_t now = 1'000'000 * kSecond;
  std::map<std::string, uint64_t> lost;
  std::unique_ptr<DiskQueue> queue;
};

TEST_F(DiskQueueTest, FirstInFirstOut) {
  open();
  EXPECT_EQ(take(), "nothing");
  put("a");
  put("b", 3);
  EXPECT_EQ(queue->backlog().spans, 4u);
  EXPECT_EQ(take(), "a");
  put("c");
  EXPECT_EQ(take(), "b");
  EXPECT_EQ(take(), "c");
  EXPECT_EQ(take(), "nothing");
  EXPECT_EQ(queue->backlog().spans, 0u);
}

TEST_F(DiskQueueTest, WhatIsNotPoppedStays) {
  open();
  put("a");
  EXPECT_EQ(queue->front()->parcel.bytes, "a");
  EXPECT_EQ(queue->front()->parcel.bytes, "a");
}

TEST_F(DiskQueueTest, AnyBytesOfAnyLength) {
  open();
  std::string all(3 << 20, '\0');
  for (size_t i = 0; i < all.size(); ++i) all[i] = static_cast<char>(i * 7);
  put("");
  put(all);
  EXPECT_EQ(take(), "");
  EXPECT_EQ(take(), all);
}

TEST_F(DiskQueueTest, GoesOnWhereTheProcessBeforeEnded) {
  options.segment_bytes = 300;  // several files
  open();
  for (int i = 0; i < 20; ++i) put(std::string(100, static_cast<char>('a' + i)), 2);
  for (int i = 0; i < 7; ++i) take();
  open();
  EXPECT_THAT(lost, IsEmpty());
  EXPECT_EQ(queue->backlog().spans, 26u);
  put("last");
  for (int i = 7; i < 20; ++i) {
    EXPECT_EQ(take(), std::string(100, static_cast<char>('a' + i))) << i;
  }
  EXPECT_EQ(take(), "last");
  EXPECT_EQ(take(), "nothing");
}

TEST_F(DiskQueueTest, CountsWhatAKilledProcessHadInMemory) {
  const pid_t child = fork();
  if (child == 0) {
    open();
    put("stored", 10);
    queue->accepted(7);  // in memory
    queue->dropped(2);   // and counted by that process
    kill(getpid(), SIGKILL);
  }
  waitpid(child, nullptr, 0);
  open();
  EXPECT_THAT(lost, ElementsAre(Pair("killed", 5)));
  EXPECT_EQ(take(), "stored");
  open();
  EXPECT_THAT(lost, IsEmpty()) << "counted once";
}

TEST_F(DiskQueueTest, ATornRecordIsCutOffAndCounted) {
  open();
  put("whole", 3);
  put("torn", 4);
  const auto size = std::filesystem::file_size(files().back());
  for (uint64_t cut = 1; cut < 36; ++cut) {
    queue.reset();
    std::filesystem::resize_file(files().back(), size - cut);
    open();
    EXPECT_THAT(lost, ElementsAre(Pair("killed", 4))) << cut;
    put("torn", 4);
    EXPECT_EQ(std::filesystem::file_size(files().back()), size);
  }
  EXPECT_EQ(take(), "whole");
  EXPECT_EQ(take(), "torn");
}

// Flips each byte of a file in turn: a record is returned whole or not at all.
TEST_F(DiskQueueTest, DamageIsCountedNotSent) {
  options.segment_bytes = 129;  // a file each
  open();
  for (const char* bytes : {"first", "second", "third"}) put(bytes, 2);
  ASSERT_EQ(files().size(), 3u);
  const std::string path = files()[1];
  std::string content;
  std::getline(std::ifstream(path), content, '\xff');
  const auto copy = options.directory + ".copy";
  std::filesystem::copy(options.directory, copy, std::filesystem::copy_options::recursive);
  for (size_t at = 0; at < content.size(); ++at) {
    queue.reset();
    std::filesystem::remove_all(options.directory);
    std::filesystem::copy(copy, options.directory, std::filesystem::copy_options::recursive);
    std::string damaged = content;
    damaged[at] = static_cast<char>(damaged[at] ^ 0x40);
    std::ofstream(path) << damaged;
    open();
    EXPECT_EQ(take(), "first") << at;
    EXPECT_EQ(take(), "third") << at;
    EXPECT_THAT(lost, ElementsAre(Pair("damaged", 2))) << at;
  }
}

TEST_F(DiskQueueTest, RefusesWhatItHasNoRoomFor) {
  options.max_bytes = 1000;
  open();
  put(std::string(500, 'a'));
  const Status status = queue->append({.bytes = std::string(500, 'b'), .spans = 1});
  ASSERT_FALSE(status.has_value());
  EXPECT_THAT(status.error().message, HasSubstr("is full"));
  EXPECT_EQ(take(), std::string(500, 'a'));
}

TEST_F(DiskQueueTest, RoomComesBackWithWhatIsTaken) {
  options.max_bytes = 3000;
  options.segment_bytes = 500;
  open();
  for (int i = 0; i < 100; ++i) {
    put(std::string(400, 'a'));
    EXPECT_EQ(take(), std::string(400, 'a'));
  }
  EXPECT_LE(queue->backlog().bytes, 1100u);
  EXPECT_LE(files().size(), 2u);
}

TEST_F(DiskQueueTest, DropsWhatIsTooOld) {
  options.max_age = std::chrono::seconds(10);
  open();
  put("old", 3);
  now += 8 * kSecond;
  put("new");
  now += 5 * kSecond;
  EXPECT_EQ(take(), "new");
  EXPECT_THAT(lost, ElementsAre(Pair("expired", 3)));
}

TEST_F(DiskQueueTest, DropsWhatIsOfAnotherFormat) {
  open("otlp protobuf gzip");
  put("packed", 3);
  open("otlp json");
  put("text");
  EXPECT_EQ(take(), "text");
  EXPECT_THAT(lost, ElementsAre(Pair("other_format", 3)));
}

TEST_F(DiskQueueTest, IsOneProcessesAtATime) {
  open();
  const auto second = DiskQueue::open(options, "x", [](std::string_view, uint64_t) {});
  ASSERT_FALSE(second.has_value());
  EXPECT_EQ(second.error().code, ExitCode::kAlreadyRunning);
}

TEST_F(DiskQueueTest, FilesRemovedByOthersAreCounted) {
  open();
  put("gone", 5);
  queue.reset();
  std::filesystem::remove(files().back());
  open();
  EXPECT_THAT(lost, ElementsAre(Pair("killed", 5)));
  put("next");
  EXPECT_EQ(take(), "next");
}

TEST_F(DiskQueueTest, ADirectoryThatCannotBeIsAnError) {
  auto there = options;  // the directory in `options` is removed afterwards
  there.directory = "/dev/null/queue";
  const auto made = DiskQueue::open(there, "x", [](std::string_view, uint64_t) {});
  ASSERT_FALSE(made.has_value());
  EXPECT_THAT(made.error().message, HasSubstr("/dev/null/queue"));
}

TEST_F(DiskQueueTest, OthersCannotReadIt) {
  open();
  const auto others = std::filesystem::perms::group_all | std::filesystem::perms::others_all;
  EXPECT_EQ(std::filesystem::status(options.directory).permissions() & others,
            std::filesystem::perms::none);
  EXPECT_EQ(std::filesystem::status(files().back()).permissions() & others,
            std::filesystem::perms::none);
}

}  // namespace
}  // namespace weft::disk_queue

// SPDX-License-Identifier: Apache-2.0
// What pending I/O is attributed to: an enclosing call, the engine that the process holds, or
// nothing.
#include <algorithm>
#include <cstring>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "agent/base/semconv.h"
#include "agent/storage/attribution_engines.h"
#include "agent/storage/storage.h"

namespace weft::storage {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr uint64_t kSecond = 1'000'000'000;
constexpr uint32_t kPid = 100;

class Sink final : public SpanTreeSink {
 public:
  ParentRefPtr parent_ref(const Stamp&, uint64_t, bool) override { return nullptr; }
  SpanContextPtr reserve_context(const ParentRefPtr&) override {
    return std::make_shared<SpanContext>();
  }
  void emit(SpanTree tree) override { told.push_back(std::move(tree)); }
  std::vector<SpanTree> told;
};

class NoMeter final : public StorageMeter {
 public:
  void operation(const StorageSample&) override {}
  void group(const Engine&, uint32_t, uint64_t) override {}
};

std::vector<std::string> names(const std::vector<SpanTree>& trees) {
  std::vector<std::string> out;
  for (const SpanTree& tree : trees) out.push_back(tree.name);
  return out;
}

class AttributionTest : public testing::Test {
 protected:
  template <class T>
  T head(weft_event_type type, uint64_t time, uint32_t tid) {
    T e{};
    e.h.type = type;
    e.h.size = sizeof e;
    e.h.time = time;
    e.h.pid = kPid;
    e.h.tid = tid;
    return e;
  }
  void send(const weft_event& e) { storage_.on_event({&e}); }

  uint64_t file(const char* name) {
    auto e = head<weft_ev_file>(WEFT_EV_FILE, 1, 1);
    e.file = ++files_;
    std::strncpy(e.name, name, sizeof e.name - 1);
    std::strncpy(e.folders[0], "data", sizeof e.folders[0] - 1);
    send(e.h);
    return e.file;
  }
  void io(uint64_t file, weft_file_op op, uint64_t start, uint64_t end, uint32_t tid = 1) {
    auto e = head<weft_ev_file_io>(WEFT_EV_FILE_IO, end, tid);
    e.file = file;
    e.start = start;
    e.op = static_cast<uint8_t>(op);
    e.result = op == WEFT_FILE_WRITE ? 10 : 0;
    send(e.h);
  }
  void write(uint64_t file, uint64_t start, uint32_t tid = 1) {
    io(file, WEFT_FILE_WRITE, start, start + 1, tid);
  }
  void sync(uint64_t file, uint64_t start, uint64_t end, uint32_t tid = 1) {
    io(file, WEFT_FILE_FDATASYNC, start, end, tid);
  }
  void call(TestCall number, uint64_t start, uint64_t end, uint32_t tid = 1, uint8_t engine = 7) {
    auto e = head<weft_ev_probe>(WEFT_EV_PROBE, end, tid);
    e.start = start;
    e.target_kind = WEFT_KIND_ENGINE;
    e.target = engine;
    e.number = number;
    send(e.h);
  }
  void exit() {
    weft_event e{};
    e.type = WEFT_EV_EXIT;
    e.size = sizeof e;
    e.pid = kPid;
    send(e);
  }

  CounterSet counters_;
  Sink sink_;
  NoMeter meter_;
  uint64_t files_ = 0;
  Storage storage_{
      *Patterns::make({}, {}),
      {.sink = sink_, .meter = meter_, .instance_of = [](uint32_t pid) { return pid; }},
      counters_};
};

TEST_F(AttributionTest, ACallHasWhatItsThreadDidInside) {
  const uint64_t log = file("a.wal");
  write(log, 11);
  write(log, 12, /*tid=*/2);
  sync(log, 13, 19);
  call(kTestFlush, 10, 20);
  ASSERT_THAT(names(sink_.told), ElementsAre("flush"));
  EXPECT_THAT(names(sink_.told[0].children), ElementsAre("wal.sync"));
  EXPECT_EQ(heard.summary.writes, 1u);
  EXPECT_EQ(heard.summary.syncs, 1u);
  EXPECT_EQ(heard.file, "/data/a.wal");
}

TEST_F(AttributionTest, WithoutACallWritesAndTheirSyncAreOneFlush) {
  const uint64_t log = file("a.wal");
  write(log, 10);
  sync(log, 12, 20);
  storage_.sweep(kSecond);
  EXPECT_THAT(sink_.told, IsEmpty()) << "a call may still end around them";
  storage_.sweep(3 * kSecond);
  ASSERT_THAT(names(sink_.told), ElementsAre("wal.flush by files"));
  EXPECT_EQ(sink_.told[0].start, 10u);
  EXPECT_EQ(sink_.told[0].attributes.text(semconv::kDbSystemName), "logdb");
}

TEST_F(AttributionTest, WritesWaitForASyncThatIsTooYoungToBeTold) {
  const uint64_t log = file("a.wal");
  write(log, 10);
  sync(log, 2 * kSecond, 2 * kSecond + 5);
  storage_.sweep(3 * kSecond);
  EXPECT_THAT(sink_.told, IsEmpty());
  storage_.sweep(5 * kSecond);
  EXPECT_THAT(names(sink_.told), ElementsAre("wal.flush by files"));
}

TEST_F(AttributionTest, AThreadWithoutCallsIsToldSoonAndAnotherIsNot) {
  const uint64_t log = file("a.wal");
  sync(log, 10, 20, /*tid=*/2);
  storage_.sweep(3 * kSecond);
  sink_.told.clear();
  sync(log, 4 * kSecond, 4 * kSecond + 5, /*tid=*/2);
  sync(log, 4 * kSecond, 4 * kSecond + 5, /*tid=*/1);
  storage_.sweep(5 * kSecond);
  ASSERT_EQ(sink_.told.size(), 1u);
  EXPECT_EQ(sink_.told[0].by.tid, 2u);
  call(kTestFlush, 4 * kSecond, 4 * kSecond + 6, /*tid=*/1);
  EXPECT_EQ(heard.summary.syncs, 1u);
}

TEST_F(AttributionTest, ACallMakesItsThreadOneToWaitForAgain) {
  const uint64_t log = file("a.wal");
  sync(log, 10, 20);
  storage_.sweep(3 * kSecond);
  call(kTestFlush, 3 * kSecond, 3 * kSecond + 1);
  sink_.told.clear();
  sync(log, 4 * kSecond, 4 * kSecond + 5);
  storage_.sweep(5 * kSecond);
  EXPECT_THAT(sink_.told, IsEmpty());
}

TEST_F(AttributionTest, ASyncDoesNotTakeWritesThatBeganAfterIt) {
  const uint64_t log = file("any.log");
  write(log, 15, /*tid=*/1);
  sync(log, 10, 20, /*tid=*/2);
  ASSERT_THAT(names(sink_.told), ElementsAre("wal.flush")) << "no calls to wait for";
  EXPECT_EQ(sink_.told[0].attributes.find(semconv::kWalWrites), nullptr);
}

TEST_F(AttributionTest, WhatACallWritesAndSyncsIsAFlushInside) {
  const uint64_t log = file("a.wal");
  write(log, 11);
  sync(log, 12, 14);
  sync(log, 16, 17);
  call(kTestPart, 15, 18);
  write(log, 19);
  call(kTestStep, 10, 20);
  ASSERT_THAT(names(sink_.told), ElementsAre("step"));
  const std::vector<SpanTree>& children = sink_.told[0].children;
  ASSERT_THAT(names(children), ElementsAre("wal.flush by files", "part", "wal.append by files"));
  EXPECT_THAT(names(children[0].children), ElementsAre("wal.sync"));
  EXPECT_EQ(children[0].start, 11u);
  EXPECT_EQ(children[0].end, 14u);
  EXPECT_EQ(heard.summary.writes, 2u);
  EXPECT_EQ(heard.file, "/data/a.wal");
}

TEST_F(AttributionTest, WhoDoesNotSyncIsServedByTheLastSyncWhileItWaited) {
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

TEST_F(AttributionTest, FilesOfOneNameAreOfTheEngineThatTheProcessHolds) {
  const uint64_t log = file("1.log");
  storage_.has_engine(*engine_with(9), kPid);
  write(log, 10);
  sync(log, 12, 20);
  exit();
  ASSERT_THAT(names(sink_.told), ElementsAre("wal.flush by files")) << "told when it ends";
  EXPECT_EQ(sink_.told[0].attributes.text(semconv::kDbSystemName), "two");
}

TEST_F(AttributionTest, ACallTellsWhichEngineItIs) {
  const uint64_t log = file("1.log");
  call(kTestFlush, 1, 2, 1, /*engine=*/9);
  sync(log, 12, 20);
  storage_.sweep(4 * kSecond);
  EXPECT_EQ(sink_.told.back().attributes.text(semconv::kDbSystemName), "two");
}

TEST_F(AttributionTest, OfAnUnknownEngineOnlyFlushesAreToldAndNoneIsNamed) {
  write(file("1.log"), 10);
  const uint64_t log = file("2.log");
  write(log, 11);
  sync(log, 12, 20);
  storage_.sweep(4 * kSecond);
  ASSERT_THAT(names(sink_.told), ElementsAre("wal.flush"));
  EXPECT_EQ(sink_.told[0].attributes.find(semconv::kDbSystemName), nullptr);
  EXPECT_EQ(counters_.get("weft.storage.dropped", {{"cause", "no_engine"}}).value(), 1u);
}

TEST_F(AttributionTest, ALibraryThatIsMappedIsHeld) {
  io(file("libtwo.so.1"), WEFT_FILE_MAP, 1, 1);
  write(file("1.log"), 10);
  storage_.sweep(4 * kSecond);
  ASSERT_EQ(sink_.told.size(), 1u);
  EXPECT_EQ(sink_.told[0].attributes.text(semconv::kDbSystemName), "two");
}

TEST_F(AttributionTest, ALongTextIsWhole) {
  struct {
    weft_ev_probe probe;
    char more[200];
  } record{};
  const std::string text(sizeof record.probe.text + sizeof record.more, 'q');
  record.probe = head<weft_ev_probe>(WEFT_EV_PROBE, 2, 1);
  record.probe.h.size = sizeof record;
  record.probe.target_kind = WEFT_KIND_ENGINE;
  record.probe.target = 7;
  record.probe.number = kTestStep;
  record.probe.text_len = static_cast<uint16_t>(text.size());
  std::memcpy(reinterpret_cast<char*>(&record) + offsetof(weft_ev_probe, text), text.data(),
              text.size());
  send(record.probe.h);
  EXPECT_EQ(heard.text, text);
}

}  // namespace
}  // namespace weft::storage

// SPDX-License-Identifier: Apache-2.0
#include "probes/storage/postgresql/tracer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "agent/base/semconv.h"

namespace weft::engine::postgresql {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

class NoSpanTrees final : public EntrySink {
 public:
  ParentRefPtr parent_ref(const Stamp&) override { return nullptr; }
  SpanContextPtr reserve_context(const ParentRefPtr&) override { return nullptr; }
  void push(SpanTree) override {}
};

constexpr uint64_t kLsn = 0x1'0000'2a00;

struct Usage {
  uint64_t records = 0, page_images = 0, bytes = 0;
};

class TracerTest : public ::testing::Test {
 protected:
  static ProbedCall made(Call number, const Usage& usage = {}, uint64_t target = kLsn,
                         uint64_t last = kLsn) {
    ProbedCall call{};
    call.number = number;
    call.start = 100;
    call.by = {.time = 200, .tid = 7, .pid = 7};
    call.values = {target, last, usage.records, usage.page_images, usage.bytes};
    return call;
  }
  SpanTree told(const ProbedCall& call, const IoSummary& summary = {}, SpanTree tree = {}) {
    EXPECT_TRUE(tracer_->call(call, summary, tree));
    return tree;
  }
  static std::string text(const SpanTree& tree, Key key) {
    return std::string(tree.attributes.text(key));
  }
  static int64_t number(const SpanTree& tree, Key key) {
    const Value* value = tree.attributes.find(key);
    return value ? std::get<int64_t>(*value) : -1;
  }
  static bool durable(const SpanTree& tree) {
    return std::get<bool>(*tree.attributes.find(semconv::kWalDurable));
  }
  std::unique_ptr<EngineTracer> tracer_ = make_tracer();
};

TEST_F(TracerTest, TheFirstCommitOfAnOldBackendSaysNothingOfItsRecords) {
  const SpanTree flush = told(made(kFlush, {5, 1, 900}), {.syncs = 1});
  EXPECT_EQ(flush.name, "wal.flush");
  EXPECT_EQ(text(flush, semconv::kWalCause), "commit");
  EXPECT_EQ(text(flush, semconv::kWalLsn), "1/2A00");
  EXPECT_EQ(text(flush, semconv::kDbSystemName), "postgresql");
  EXPECT_THAT(flush.children, IsEmpty());
}

TEST_F(TracerTest, LaterCommitsSayWhatWasWrittenSince) {
  told(made(kFlush, {5, 1, 900}));
  const SpanTree flush = told(made(kFlush, {8, 3, 1000}), {.syncs = 1});
  ASSERT_THAT(flush.children, SizeIs(1));
  const SpanTree& append = flush.children[0];
  EXPECT_EQ(append.name, "wal.append");
  EXPECT_EQ(number(append, semconv::kWalRecords), 3);
  EXPECT_EQ(number(append, semconv::kWalPageImages), 2);
  EXPECT_EQ(number(append, semconv::kWalRecordBytes), 100);
  EXPECT_EQ(append.start, 100u);
  EXPECT_EQ(append.end, 100u);
  EXPECT_EQ(append.by.pid, 7u);
}

TEST_F(TracerTest, ABackendSeenFromItsBirthBeganAtZero) {
  ProbedCall first = made(kFlush, {5, 1, 900});
  first.seen_from_start = true;
  const SpanTree flush = told(first, {.syncs = 1});
  ASSERT_THAT(flush.children, SizeIs(1));
  EXPECT_EQ(number(flush.children[0], semconv::kWalRecords), 5);
}

TEST_F(TracerTest, TheAppendComesBeforeWhatIsInside) {
  told(made(kFlush));
  SpanTree tree;
  tree.children.emplace_back().name = "wal.sync";
  const SpanTree flush = told(made(kFlush, {1, 0, 10}), {.syncs = 1}, std::move(tree));
  ASSERT_THAT(flush.children, SizeIs(2));
  EXPECT_EQ(flush.children[0].name, "wal.append");
  EXPECT_EQ(flush.children[1].name, "wal.sync");
}

TEST_F(TracerTest, CountersThatGoBackAreAnothersBackend) {
  told(made(kFlush, {500, 1, 900}));
  EXPECT_THAT(told(made(kFlush, {3, 0, 30})).children, IsEmpty());
  EXPECT_THAT(told(made(kFlush, {4, 0, 40})).children, SizeIs(1));
}

TEST_F(TracerTest, AnEndedBackendIsForgotten) {
  NoSpanTrees sink;
  told(made(kFlush, {5, 1, 900}));
  tracer_->exited(7, sink);
  EXPECT_THAT(told(made(kFlush, {6, 1, 950})).children, IsEmpty());
}

TEST_F(TracerTest, BackendsCountForThemselves) {
  told(made(kFlush, {5, 1, 900}));
  ProbedCall other = made(kFlush, {100, 2, 5000});
  other.by.pid = 8;
  EXPECT_THAT(told(other).children, IsEmpty());
  EXPECT_EQ(number(told(made(kFlush, {6, 1, 950})).children.at(0), semconv::kWalRecords), 1);
}

TEST_F(TracerTest, WhatABuildDoesNotSayIsAbsent) {
  told(made(kFlush));
  for (uint32_t value = 0; value < 5; ++value) {
    ProbedCall call = made(kFlush, {1, 1, 1});
    call.missing = 1u << value;
    const SpanTree flush = told(call, {.syncs = 1});
    EXPECT_THAT(flush.children, IsEmpty()) << value;
    EXPECT_EQ(flush.attributes.find(semconv::kWalLsn) != nullptr, value != 0) << value;
    EXPECT_EQ(text(flush, semconv::kWalCause), value < 2 ? "page_write" : "commit") << value;
  }
}

TEST_F(TracerTest, AFlushForAPageIsNoCommit) {
  told(made(kFlush));
  const SpanTree flush = told(made(kFlush, {9, 9, 9}, kLsn, kLsn + 8), {.syncs = 1});
  EXPECT_EQ(text(flush, semconv::kWalCause), "page_write");
  EXPECT_THAT(flush.children, IsEmpty());
}

TEST_F(TracerTest, AFlushForAPageThatDidNothingIsNotToldOf) {
  SpanTree tree;
  EXPECT_FALSE(tracer_->call(made(kFlush, {}, kLsn, kLsn + 8), {}, tree));
  told(made(kFlush, {}, kLsn, kLsn + 8), {.waits = 1});
  told(made(kFlush, {}, kLsn, kLsn + 8), {.writes = 1});
  tree.children.emplace_back();  // a new segment
  told(made(kFlush, {}, kLsn, kLsn + 8), {}, tree);
  told(made(kFlush));  // a commit
}

TEST_F(TracerTest, WhoSyncsLeads) {
  const IoSummary summary{.bytes = 8192, .writes = 1, .syncs = 1, .file = "/pg_wal/1"};
  const SpanTree flush = told(made(kFlush), summary);
  EXPECT_EQ(text(flush, semconv::kWalRole), "leader");
  EXPECT_EQ(text(flush, semconv::kWalFilePath), "/pg_wal/1");
  EXPECT_EQ(number(flush, semconv::kWalBytes), 8192);
  EXPECT_EQ(number(flush, semconv::kWalWrites), 1);
  EXPECT_TRUE(durable(flush));
}

TEST_F(TracerTest, WhoWaitsFollows) {
  const SpanTree flush = told(made(kFlush), {.waits = 1});
  EXPECT_EQ(text(flush, semconv::kWalRole), "follower");
  EXPECT_EQ(number(flush, semconv::kWalBytes), -1);
  EXPECT_TRUE(durable(flush));
}

TEST_F(TracerTest, WithoutASyncOrWithAnErrorItIsNotDurable) {
  EXPECT_FALSE(durable(told(made(kFlush), {.writes = 1})));
  SpanTree failed;
  failed.error_type = "EIO";
  EXPECT_FALSE(durable(told(made(kFlush), {.syncs = 1}, std::move(failed))));
}

TEST_F(TracerTest, AWaitLinksToTheSyncThatEndedIt) {
  ProbedCall wait = made(kWait);
  EXPECT_THAT(told(wait).links, IsEmpty());
  wait.last_sync = std::make_shared<const SpanContext>();
  const SpanTree tree = told(wait);
  EXPECT_EQ(tree.name, "wal.wait");
  EXPECT_THAT(tree.links, ::testing::ElementsAre(wait.last_sync));
}

TEST_F(TracerTest, SegmentsAndTheWalwriter) {
  EXPECT_EQ(told(made(kNewSegment)).name, "wal.segment.create");
  const SpanTree flush = told(made(kBackgroundFlush), {.syncs = 1});
  EXPECT_EQ(flush.name, "wal.flush");
  EXPECT_EQ(text(flush, semconv::kWalCause), "background");
  EXPECT_EQ(flush.attributes.find(semconv::kWalLsn), nullptr);
}

TEST_F(TracerTest, ACommitThatDoesNotWaitIsNotDurable) {
  told(made(kAsyncCommit, {1, 0, 10}));
  const SpanTree commit = told(made(kAsyncCommit, {3, 0, 60}));
  EXPECT_EQ(commit.name, "wal.append");
  EXPECT_EQ(number(commit, semconv::kWalRecords), 2);
  EXPECT_EQ(text(commit, semconv::kWalLsn), "1/2A00");
  EXPECT_FALSE(durable(commit));
}

TEST_F(TracerTest, OtherCallsAreNotToldOf) {
  SpanTree tree;
  EXPECT_FALSE(tracer_->call(made(static_cast<Call>(99)), {}, tree));
}

}  // namespace
}  // namespace weft::engine::postgresql

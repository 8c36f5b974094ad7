// SPDX-License-Identifier: Apache-2.0
#include "probes/storage/postgresql/narrator.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "agent/base/semconv.h"

namespace weft::engine::postgresql {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

class NoStories final : public StorySink {
 public:
  PlacePtr place(const Stamp&) override { return nullptr; }
  SpanIdentityPtr identify(const PlacePtr&) override { return nullptr; }
  void push(Story) override {}
};

constexpr uint64_t kLsn = 0x1'0000'2a00;

struct Usage {
  uint64_t records = 0, page_images = 0, bytes = 0;
};

class NarratorTest : public ::testing::Test {
 protected:
  static SiteCall made(Call number, const Usage& usage = {}, uint64_t target = kLsn,
                       uint64_t last = kLsn) {
    SiteCall call{};
    call.number = number;
    call.start = 100;
    call.by = {.time = 200, .tid = 7, .pid = 7};
    call.values = {target, last, usage.records, usage.page_images, usage.bytes};
    return call;
  }
  Story told(const SiteCall& call, const Work& work = {}, Story story = {}) {
    EXPECT_TRUE(narrator_->call(call, work, story));
    return story;
  }
  static std::string text(const Story& story, Key key) {
    return std::string(story.attributes.text(key));
  }
  static int64_t number(const Story& story, Key key) {
    const Value* value = story.attributes.find(key);
    return value ? std::get<int64_t>(*value) : -1;
  }
  static bool durable(const Story& story) {
    return std::get<bool>(*story.attributes.find(semconv::kWalDurable));
  }
  std::unique_ptr<Narrator> narrator_ = make_narrator();
};

TEST_F(NarratorTest, TheFirstCommitOfAnOldBackendSaysNothingOfItsRecords) {
  const Story flush = told(made(kFlush, {5, 1, 900}), {.syncs = 1});
  EXPECT_EQ(flush.name, "wal.flush");
  EXPECT_EQ(text(flush, semconv::kWalCause), "commit");
  EXPECT_EQ(text(flush, semconv::kWalLsn), "1/2A00");
  EXPECT_EQ(text(flush, semconv::kDbSystemName), "postgresql");
  EXPECT_THAT(flush.inner, IsEmpty());
}

TEST_F(NarratorTest, LaterCommitsSayWhatWasWrittenSince) {
  told(made(kFlush, {5, 1, 900}));
  const Story flush = told(made(kFlush, {8, 3, 1000}), {.syncs = 1});
  ASSERT_THAT(flush.inner, SizeIs(1));
  const Story& append = flush.inner[0];
  EXPECT_EQ(append.name, "wal.append");
  EXPECT_EQ(number(append, semconv::kWalRecords), 3);
  EXPECT_EQ(number(append, semconv::kWalPageImages), 2);
  EXPECT_EQ(number(append, semconv::kWalRecordBytes), 100);
  EXPECT_EQ(append.start, 100u);
  EXPECT_EQ(append.end, 100u);
  EXPECT_EQ(append.by.pid, 7u);
}

TEST_F(NarratorTest, ABackendSeenFromItsBirthBeganAtZero) {
  SiteCall first = made(kFlush, {5, 1, 900});
  first.born = true;
  const Story flush = told(first, {.syncs = 1});
  ASSERT_THAT(flush.inner, SizeIs(1));
  EXPECT_EQ(number(flush.inner[0], semconv::kWalRecords), 5);
}

TEST_F(NarratorTest, TheAppendComesBeforeWhatIsInside) {
  told(made(kFlush));
  Story story;
  story.inner.emplace_back().name = "wal.sync";
  const Story flush = told(made(kFlush, {1, 0, 10}), {.syncs = 1}, std::move(story));
  ASSERT_THAT(flush.inner, SizeIs(2));
  EXPECT_EQ(flush.inner[0].name, "wal.append");
  EXPECT_EQ(flush.inner[1].name, "wal.sync");
}

TEST_F(NarratorTest, CountersThatGoBackAreAnothersBackend) {
  told(made(kFlush, {500, 1, 900}));
  EXPECT_THAT(told(made(kFlush, {3, 0, 30})).inner, IsEmpty());
  EXPECT_THAT(told(made(kFlush, {4, 0, 40})).inner, SizeIs(1));
}

TEST_F(NarratorTest, AnEndedBackendIsForgotten) {
  NoStories sink;
  told(made(kFlush, {5, 1, 900}));
  narrator_->exited(7, sink);
  EXPECT_THAT(told(made(kFlush, {6, 1, 950})).inner, IsEmpty());
}

TEST_F(NarratorTest, BackendsCountForThemselves) {
  told(made(kFlush, {5, 1, 900}));
  SiteCall other = made(kFlush, {100, 2, 5000});
  other.by.pid = 8;
  EXPECT_THAT(told(other).inner, IsEmpty());
  EXPECT_EQ(number(told(made(kFlush, {6, 1, 950})).inner.at(0), semconv::kWalRecords), 1);
}

TEST_F(NarratorTest, WhatABuildDoesNotSayIsAbsent) {
  told(made(kFlush));
  for (uint32_t value = 0; value < 5; ++value) {
    SiteCall call = made(kFlush, {1, 1, 1});
    call.missing = 1u << value;
    const Story flush = told(call, {.syncs = 1});
    EXPECT_THAT(flush.inner, IsEmpty()) << value;
    EXPECT_EQ(flush.attributes.find(semconv::kWalLsn) != nullptr, value != 0) << value;
    EXPECT_EQ(text(flush, semconv::kWalCause), value < 2 ? "page_write" : "commit") << value;
  }
}

TEST_F(NarratorTest, AFlushForAPageIsNoCommit) {
  told(made(kFlush));
  const Story flush = told(made(kFlush, {9, 9, 9}, kLsn, kLsn + 8), {.syncs = 1});
  EXPECT_EQ(text(flush, semconv::kWalCause), "page_write");
  EXPECT_THAT(flush.inner, IsEmpty());
}

TEST_F(NarratorTest, WhoSyncsLeads) {
  const Work work{.bytes = 8192, .writes = 1, .syncs = 1, .file = "/pg_wal/1"};
  const Story flush = told(made(kFlush), work);
  EXPECT_EQ(text(flush, semconv::kWalRole), "leader");
  EXPECT_EQ(text(flush, semconv::kWalFilePath), "/pg_wal/1");
  EXPECT_EQ(number(flush, semconv::kWalBytes), 8192);
  EXPECT_EQ(number(flush, semconv::kWalWrites), 1);
  EXPECT_TRUE(durable(flush));
}

TEST_F(NarratorTest, WhoWaitsFollows) {
  const Story flush = told(made(kFlush), {.waits = 1});
  EXPECT_EQ(text(flush, semconv::kWalRole), "follower");
  EXPECT_EQ(number(flush, semconv::kWalBytes), -1);
  EXPECT_TRUE(durable(flush));
}

TEST_F(NarratorTest, WithoutASyncOrWithAnErrorItIsNotDurable) {
  EXPECT_FALSE(durable(told(made(kFlush), {.writes = 1})));
  Story failed;
  failed.error_type = "EIO";
  EXPECT_FALSE(durable(told(made(kFlush), {.syncs = 1}, std::move(failed))));
}

TEST_F(NarratorTest, AWaitLinksToTheSyncThatEndedIt) {
  SiteCall wait = made(kWait);
  EXPECT_THAT(told(wait).links, IsEmpty());
  wait.last_sync = std::make_shared<const SpanIdentity>();
  const Story story = told(wait);
  EXPECT_EQ(story.name, "wal.wait");
  EXPECT_THAT(story.links, ::testing::ElementsAre(wait.last_sync));
}

TEST_F(NarratorTest, SegmentsAndTheWalwriter) {
  EXPECT_EQ(told(made(kNewSegment)).name, "wal.segment.create");
  const Story flush = told(made(kBackgroundFlush), {.syncs = 1});
  EXPECT_EQ(flush.name, "wal.flush");
  EXPECT_EQ(text(flush, semconv::kWalCause), "background");
  EXPECT_EQ(flush.attributes.find(semconv::kWalLsn), nullptr);
}

TEST_F(NarratorTest, ACommitThatDoesNotWaitIsNotDurable) {
  told(made(kAsyncCommit, {1, 0, 10}));
  const Story commit = told(made(kAsyncCommit, {3, 0, 60}));
  EXPECT_EQ(commit.name, "wal.append");
  EXPECT_EQ(number(commit, semconv::kWalRecords), 2);
  EXPECT_EQ(text(commit, semconv::kWalLsn), "1/2A00");
  EXPECT_FALSE(durable(commit));
}

TEST_F(NarratorTest, OtherCallsAreNotToldOf) {
  Story story;
  EXPECT_FALSE(narrator_->call(made(static_cast<Call>(99)), {}, story));
}

}  // namespace
}  // namespace weft::engine::postgresql

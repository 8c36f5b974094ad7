// SPDX-License-Identifier: Apache-2.0
#include "agent/storage/recent_syncs.h"

#include <gtest/gtest.h>
#include <memory>

namespace weft::storage {
namespace {

SpanContextPtr context() {
  return std::make_shared<const SpanContext>(TraceContext{}, SpanId::random());
}

Stamp at(uint64_t time, uint32_t tid) {
  Stamp by{};
  by.time = time;
  by.tid = tid;
  return by;
}

SpanContextPtr awaited(const RecentSyncs& syncs, uint64_t since, const Stamp& by) {
  const RecentSyncs::Sync* sync = syncs.awaited(since, by);
  return sync ? sync->span_context : nullptr;
}

TEST(RecentSyncs, TheLastOneThatWasOverIsWaitedFor) {
  RecentSyncs syncs;
  const SpanContextPtr first = context(), second = context(), late = context();
  syncs.add(10, 8, first);
  syncs.add(20, 8, second);
  syncs.add(40, 8, late);
  EXPECT_EQ(awaited(syncs, 5, at(30, 7)), second);
  EXPECT_EQ(awaited(syncs, 20, at(20, 7)), second) << "both ends belong to it";
  EXPECT_EQ(syncs.awaited(21, at(30, 7)), nullptr) << "it was over before the wait began";
  EXPECT_EQ(syncs.awaited(0, at(9, 7)), nullptr);
  EXPECT_EQ(RecentSyncs().awaited(0, at(9, 7)), nullptr);
}

TEST(RecentSyncs, NobodyWaitsForItself) {
  RecentSyncs syncs;
  const SpanContextPtr other = context();
  syncs.add(10, 8, other);
  syncs.add(20, 7, context());
  EXPECT_EQ(awaited(syncs, 0, at(30, 7)), other);
}

TEST(RecentSyncs, ThoseThatMakeRoomHaveCountedWhomTheyServed) {
  RecentSyncs syncs;
  const SpanContextPtr first = context(), second = context();
  EXPECT_FALSE(syncs.add(1, 8, first));
  EXPECT_FALSE(syncs.add(2, 8, second));
  for (uint64_t i = 2; i < RecentSyncs::kKept; ++i) EXPECT_FALSE(syncs.add(i, 8, context()));
  syncs.credit(first);
  syncs.credit(first);
  syncs.credit(context());
  EXPECT_EQ(syncs.add(100, 8, context()), 3u);
  syncs.credit(first);
  EXPECT_EQ(syncs.add(101, 8, context()), 1u) << "itself";
}

}  // namespace
}  // namespace weft::storage

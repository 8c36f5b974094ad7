// SPDX-License-Identifier: Apache-2.0
#include "agent/sample/trace_share.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace weft {
namespace {

using ::testing::IsEmpty;

constexpr uint64_t kKept = WEFT_EXCHANGE_KEPT;

uint64_t exchange(uint16_t random, bool kept) {
  return uint64_t{random} << 48 | 0x0000123400000002u | (kept ? kKept : 0);
}

TraceContext begin(const TraceShare& share, uint64_t exchange_id, uint16_t threshold = 0,
                   bool undecided = false) {
  return share.begin({exchange_id, exchange_id, threshold, undecided});
}

uint16_t upper(const TraceContext& context) {
  return static_cast<uint16_t>(context.trace.bytes[9] << 8 | context.trace.bytes[10]);
}

TEST(TraceShare, AllAreKeptWithoutAWord) {
  const TraceShare share({});
  for (const TraceContext& context :
       {share.begin({}), begin(share, exchange(7, true)), begin(share, exchange(0xffff, true))}) {
    EXPECT_EQ(context.flags, kFlagRandom | kFlagSampled);
    EXPECT_THAT(context.trace_state, IsEmpty());
    EXPECT_TRUE(context.trace.valid());
  }
}

TEST(TraceShare, TakesTheRandomnessOfItsExchange) {
  const TraceShare share({});
  const TraceContext context = begin(share, exchange(0xabcd, true));
  EXPECT_EQ(upper(context), 0xabcd);
  EXPECT_EQ(context.trace.bytes[11] << 8 | context.trace.bytes[12], 0x1234);
}

TEST(TraceShare, FollowsTheKernelSidesDecision) {
  const TraceShare share({});
  const TraceContext kept = begin(share, exchange(0xf000, true), 0xe000);
  EXPECT_EQ(kept.flags, kFlagRandom | kFlagSampled);
  EXPECT_EQ(kept.trace_state, "ot=th:e");
  const TraceContext left = begin(share, exchange(0x1000, false), 0xe000);
  EXPECT_EQ(left.flags, kFlagRandom);
  EXPECT_THAT(left.trace_state, IsEmpty());
}

// What inherited its decision and turns out to begin a trace: a reader that compares randomness and
// threshold finds what was decided.
TEST(TraceShare, RandomnessAgreesWithAnInheritedDecision) {
  const TraceShare share({});
  for (const uint16_t random : {0x0000, 0x7777, 0xdfff, 0xe000, 0xffff}) {
    EXPECT_GE(upper(begin(share, exchange(random, true), 0xe000)), 0xe000);
    EXPECT_LT(upper(begin(share, exchange(random, false), 0xe000)), 0xe000);
  }
}

TEST(TraceShare, WhatIsUndecidedIsKeptByItsRandomness) {
  const TraceShare share({});
  EXPECT_EQ(begin(share, exchange(0xf000, true), 0xe000, true).flags, kFlagRandom | kFlagSampled);
  const TraceContext seen = begin(share, exchange(0x1000, true), 0xe000, true);
  EXPECT_EQ(seen.flags, kFlagRandom);
  EXPECT_EQ(upper(seen), 0x1000);
}

TEST(TraceShare, TheRatioHoldsToo) {
  const TraceShare share({true, 0.5});
  EXPECT_EQ(begin(share, exchange(0x7fff, true)).flags, kFlagRandom);
  const TraceContext kept = begin(share, exchange(0x8000, true));
  EXPECT_EQ(kept.flags, kFlagRandom | kFlagSampled);
  EXPECT_EQ(kept.trace_state, "ot=th:8");
  EXPECT_EQ(begin(share, exchange(0xff00, true), 0xf000).trace_state, "ot=th:f");
}

TEST(TraceShare, ExactThresholdOfARatio) {
  const TraceShare share({true, 0.01});
  TraceContext context;
  do context = share.begin({});
  while ((context.flags & kFlagSampled) == 0);
  EXPECT_EQ(context.trace_state, "ot=th:fd70a3d70a3d71");
}

// Traces that begin without a request: a sync in the background, a script's commit.
TEST(TraceShare, WithoutAnExchangeThePresentThresholdDecides) {
  TraceShare share({});
  share.set({0xc000, 0, 0});
  int kept = 0;
  for (int i = 0; i < 20'000; ++i) {
    const TraceContext context = share.begin({});
    const bool sampled = (context.flags & kFlagSampled) != 0;
    EXPECT_EQ(sampled, upper(context) >= 0xc000);
    if (sampled) {
      EXPECT_EQ(context.trace_state, "ot=th:c");
    }
    kept += sampled;
  }
  EXPECT_NEAR(kept, 5000, 600);  // ten standard deviations
  share.set({WEFT_KEEP_NONE, 0, 0});
  EXPECT_EQ(share.begin({}).flags, kFlagRandom);
}

// The exchange's own spans are not there, because they were left out.
TEST(TraceShare, ATreeOfAnExchangeThatWasLeftOutIsToo) {
  TraceShare share({});
  share.set({0x1000, 0, 0});
  EXPECT_EQ(share.begin({.decided_by = exchange(0xffff, false)}).flags, kFlagRandom);
  EXPECT_EQ(share.begin({.decided_by = exchange(0, true)}).flags, kFlagRandom | kFlagSampled);
}

TEST(TraceShare, KeepsByTheFlagOrByTheId) {
  const TraceShare by_flag({true, 0.5});
  const TraceId high = *TraceId::parse("ffffffffffffffffffffffffffffffff");
  const TraceId low = *TraceId::parse("10000000000000000000000000000000");
  EXPECT_TRUE(by_flag.keeps(low, kFlagSampled));
  EXPECT_FALSE(by_flag.keeps(high, 0));
  TraceShare by_id({false, 1.0});
  EXPECT_TRUE(by_id.keeps(low, 0));
  by_id.set({0x8000, 0, 0});
  EXPECT_FALSE(by_id.keeps(low, kFlagSampled));
  EXPECT_TRUE(by_id.keeps(high, 0));
}

}  // namespace
}  // namespace weft

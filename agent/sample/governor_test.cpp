// SPDX-License-Identifier: Apache-2.0
#include "agent/sample/governor.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace weft {
namespace {

using ::testing::Each;

BudgetConfig five_percent() {
  return {.enabled = true, .cpu = 0.05, .spans_per_second = 0};
}

// A host whose watching costs `base` and, if all traces are kept, `whole` more.
void run(Governor& governor, double base, double whole, int steps = 200) {
  for (int i = 0; i < steps; ++i) {
    governor.update({.cpu = base + whole * governor.share(), .spans_per_second = 0});
  }
}

TEST(Governor, KeepsAllWhileThereIsRoom) {
  Governor governor(five_percent(), {});
  run(governor, 0.01, 0.03);
  EXPECT_THAT(governor.thresholds(), Each(0u));
  EXPECT_EQ(governor.share(), 1);
}

TEST(Governor, FindsTheShareThatFits) {
  Governor governor(five_percent(), {});
  run(governor, 0.01, 0.30);
  const double cost = 0.01 + 0.30 * governor.share();
  EXPECT_GT(cost, 0.03);
  EXPECT_LE(cost, 0.051);
  EXPECT_EQ(governor.continued_share(), 1);
  EXPECT_EQ(governor.thresholds()[WEFT_ORIGIN_HERE],
            static_cast<uint32_t>((1 - governor.share()) * WEFT_KEEP_NONE));
  EXPECT_EQ(governor.thresholds()[WEFT_ORIGIN_BEFORE], 0u);
  EXPECT_EQ(governor.thresholds()[WEFT_ORIGIN_UNKNOWN], 0u);
}

TEST(Governor, KeepsAllAgainWhenTheLoadIsOver) {
  Governor governor(five_percent(), {});
  run(governor, 0.01, 0.50);
  EXPECT_LT(governor.share(), 0.2);
  run(governor, 0.01, 0.0);
  EXPECT_EQ(governor.share(), 1);
  EXPECT_THAT(governor.thresholds(), Each(0u));
}

TEST(Governor, WhatOthersSampledComesLast) {
  Governor governor(five_percent(), {});
  run(governor, 0.20, 0.30);
  EXPECT_EQ(governor.share(), Governor::kLeast);
  EXPECT_LT(governor.continued_share(), 0.01);
  EXPECT_GT(governor.thresholds()[WEFT_ORIGIN_UNKNOWN], 0u);
  run(governor, 0.01, 0.0, 12);
  EXPECT_GT(governor.continued_share(), Governor::kLeast);
  EXPECT_EQ(governor.share(), Governor::kLeast);
  run(governor, 0.01, 0.0);
  EXPECT_THAT(governor.thresholds(), Each(0u));
}

TEST(Governor, SpansPerSecond) {
  Governor governor({.enabled = true, .cpu = 0, .spans_per_second = 100}, {});
  for (int i = 0; i < 200; ++i) {
    governor.update({.cpu = 0.9, .spans_per_second = 1000 * governor.share()});
  }
  EXPECT_NEAR(governor.share(), 0.09, 0.02);
}

TEST(Governor, TheSamplersRatioIsTheMost) {
  Governor governor(five_percent(), {true, 0.25});
  EXPECT_EQ(governor.thresholds()[WEFT_ORIGIN_HERE], WEFT_KEEP_NONE * 3 / 4);
  run(governor, 0, 0);
  EXPECT_EQ(governor.share(), 0.25);
  const Governor none(five_percent(), {true, 0});
  EXPECT_EQ(none.thresholds()[WEFT_ORIGIN_HERE], WEFT_KEEP_NONE);
}

TEST(Governor, OffLeavesNothingOut) {
  Governor governor({.enabled = false, .cpu = 0.05, .spans_per_second = 0}, {true, 0.25});
  EXPECT_FALSE(governor.update({.cpu = 1, .spans_per_second = 1e6}));
  EXPECT_THAT(governor.thresholds(), Each(0u));
}

// A moment of work, as when many processes start, is not a reason to leave anything out.
TEST(Governor, OneBurstChangesNothing) {
  Governor governor(five_percent(), {});
  governor.update({.cpu = 0.12, .spans_per_second = 0});
  EXPECT_EQ(governor.share(), 1);
}

}  // namespace
}  // namespace weft

// SPDX-License-Identifier: Apache-2.0
#include "agent/metrics/histogram.h"

#include <algorithm>
#include <gtest/gtest.h>

namespace weft::metrics {
namespace {

size_t searched(const Scale& scale, uint64_t value) {
  return static_cast<size_t>(std::ranges::lower_bound(scale.bounds, value) - scale.bounds.begin());
}

TEST(Scale, BoundsAtLeastDouble) {
  for (const Scale* scale : {&kDurations, &kCounts}) {
    for (size_t i = 1; i < scale->bounds.size(); ++i) {
      EXPECT_GE(scale->bounds[i], 2 * scale->bounds[i - 1]);
    }
  }
}

TEST(Scale, TheBucketIsTheOneASearchFinds) {
  for (const Scale* scale : {&kDurations, &kCounts}) {
    for (const uint64_t bound : scale->bounds) {
      for (const uint64_t value : {bound - 1, bound, bound + 1}) {
        EXPECT_EQ(scale->bucket(value), searched(*scale, value)) << value;
      }
    }
    for (unsigned bit = 0; bit < 64; ++bit) {
      const uint64_t power = uint64_t{1} << bit;
      for (const uint64_t value : {power - 1, power, power + 1}) {
        EXPECT_EQ(scale->bucket(value), searched(*scale, value)) << value;
      }
    }
    EXPECT_EQ(scale->bucket(UINT64_MAX), scale->bounds.size());
  }
}

TEST(Histogram, ABoundIsInclusive) {
  Histogram h(kCounts);
  for (const uint64_t value : {0, 1, 2, 3, 4, 1024, 1025}) h.observe(value);
  const auto counts = h.counts();
  ASSERT_EQ(counts.size(), h.bounds().size() + 1);
  EXPECT_EQ(counts[0], 2u);   // 0, 1
  EXPECT_EQ(counts[1], 1u);   // 2
  EXPECT_EQ(counts[2], 2u);   // 3, 4
  EXPECT_EQ(counts[10], 1u);  // 1024
  EXPECT_EQ(counts[11], 1u);
  EXPECT_EQ(h.count(), 7u);
  EXPECT_EQ(h.sum(), 2059u);
}

TEST(Histogram, DurationsGoFromAMicrosecondToHundredSeconds) {
  Histogram h(kDurations);
  h.observe(1'000);
  h.observe(1'001);
  h.observe(100'000'000'000);
  h.observe(100'000'000'001);
  EXPECT_EQ(h.counts().front(), 1u);
  EXPECT_EQ(h.counts()[1], 1u);
  EXPECT_EQ(h.counts()[24], 1u);
  EXPECT_EQ(h.counts().back(), 1u);
}

}  // namespace
}  // namespace weft::metrics

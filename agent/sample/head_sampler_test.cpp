// SPDX-License-Identifier: Apache-2.0
#include "agent/sample/head_sampler.h"

#include <gtest/gtest.h>

#include "agent/base/trace_context.h"

namespace weft {
namespace {

TraceId trace(const char* hex) {
  return *TraceId::parse(hex);
}

// The low 56 bits are the last 14 digits; the rest must not matter.
TEST(KeepsTrace, ComparesTheLow56Bits) {
  const TraceId half = trace("00000000000000000080000000000000");
  const TraceId below = trace("ffffffffffffffffff7fffffffffffff");
  EXPECT_TRUE(keeps_trace(half, 0.5));
  EXPECT_FALSE(keeps_trace(below, 0.5));
  EXPECT_TRUE(keeps_trace(trace("000000000000000000c0000000000000"), 0.25));
  EXPECT_FALSE(keeps_trace(trace("000000000000000000bfffffffffffff"), 0.25));
}

TEST(KeepsTrace, Bounds) {
  const TraceId highest = trace("ffffffffffffffffffffffffffffffff");
  const TraceId lowest = trace("10000000000000000000000000000000");
  EXPECT_TRUE(keeps_trace(lowest, 1.0));
  EXPECT_FALSE(keeps_trace(highest, 0.0));
  EXPECT_FALSE(keeps_trace(highest, -1.0));
  EXPECT_TRUE(keeps_trace(highest, 0x1p-56));
  EXPECT_FALSE(keeps_trace(trace("fffffffffffffffffffffffffffffffe"), 0x1p-56));
}

TEST(KeepsTrace, IsMonotoneAndAboutTheRatio) {
  int kept = 0;
  for (int i = 0; i < 20'000; ++i) {
    const TraceId id = TraceId::random();
    kept += keeps_trace(id, 0.1);
    if (keeps_trace(id, 0.1)) {
      EXPECT_TRUE(keeps_trace(id, 0.2));
    }
  }
  EXPECT_NEAR(kept, 2000, 400);  // more than nine standard deviations
}

struct Capture : SpanSink {
  void push(SpanPtr span) override { spans.push_back(std::move(span)); }
  std::vector<SpanPtr> spans;
};

size_t passed(const SamplerConfig& config, const TraceId& id, uint8_t flags, CounterSet& counters) {
  Capture capture;
  const TraceShare share(config);
  HeadSampler sampler(share, capture, counters);
  auto span = std::make_shared<Span>();
  span->trace = id;
  span->trace_flags = flags;
  sampler.push(span);
  return capture.spans.size();
}

TEST(HeadSampler, ParentBasedFollowsTheFlag) {
  CounterSet counters;
  const TraceId high = trace("ffffffffffffffffffffffffffffffff");
  const TraceId low = trace("10000000000000000000000000000000");
  EXPECT_EQ(passed({true, 0.5}, low, kFlagSampled, counters), 1u);
  EXPECT_EQ(passed({true, 1.0}, high, kFlagRandom, counters), 0u);
  EXPECT_EQ(counters.get("weft.spans.sampled_out").value(), 1u);
}

TEST(HeadSampler, OtherwiseTheIdDecides) {
  CounterSet counters;
  EXPECT_EQ(passed({false, 0.5}, trace("ffffffffffffffffffffffffffffffff"), 0, counters), 1u);
  EXPECT_EQ(passed({false, 0.5}, trace("10000000000000000000000000000000"), kFlagSampled, counters),
            0u);
  EXPECT_EQ(counters.get("weft.spans.sampled_out").value(), 1u);
}

}  // namespace
}  // namespace weft

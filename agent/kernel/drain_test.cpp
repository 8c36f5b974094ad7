// SPDX-License-Identifier: Apache-2.0
#include "agent/kernel/drain.h"

#include <algorithm>
#include <deque>
#include <gtest/gtest.h>
#include <map>
#include <ranges>

namespace weft::kernel {
namespace {

constexpr uint64_t kMilli = 1'000'000;
constexpr uint64_t kSettle = kMilli;

std::string record(uint64_t time, uint32_t ring) {
  weft_event e{};
  e.type = WEFT_EV_EXIT;
  e.size = sizeof e;
  e.time = time;
  e.pid = ring;
  return {reinterpret_cast<const char*>(&e), sizeof e};
}

class FakeRings : public Rings {
 public:
  explicit FakeRings(size_t n) : rings(n) {}
  size_t size() const override { return rings.size(); }
  void consume(size_t ring, Taker& taker) override {
    for (bool more = true; more && !rings[ring].empty();) {
      const uint64_t time = rings[ring].front();
      rings[ring].pop_front();
      more = taker.take(record(time, static_cast<uint32_t>(ring)));
    }
  }
  std::vector<std::deque<uint64_t>> rings;
};

class Seen : public EventSink {
 public:
  void push(const Event& event) override {
    times.push_back(event.head->time);
    last[event.head->pid] = event.head->time;
  }
  std::vector<uint64_t> times;
  std::map<uint32_t, uint64_t> last;  // by ring
};

class DrainTest : public testing::Test {
 protected:
  uint64_t late() const {
    for (const auto& sample : counters_.samples()) {
      if (sample.name == "weft.events.late") return sample.value;
    }
    return 0;
  }
  CounterSet counters_;
  Seen seen_;
};

TEST_F(DrainTest, MergesRingsByTime) {
  FakeRings rings(2);
  rings.rings = {{1, 4, 5}, {2, 3, 6}};
  Drain drain(rings, seen_, counters_);
  EXPECT_EQ(drain.round(kSettle + 5), 4u);
  EXPECT_EQ(drain.taken(), 6u);
  EXPECT_FALSE(drain.behind());
  EXPECT_EQ(seen_.times, (std::vector<uint64_t>{1, 2, 3, 4}));
  EXPECT_EQ(drain.flush(kSettle + 5), 2u);
  EXPECT_TRUE(drain.empty());
}

TEST_F(DrainTest, TheHorizonWaitsForARingThatWasNotDrained) {
  FakeRings rings(2);
  rings.rings = {{10 * kMilli, 20 * kMilli, 30 * kMilli}, {15 * kMilli}};
  Drain drain(rings, seen_, counters_, {.batch_records = 1, .round_records = 2});
  drain.round(100 * kMilli);
  EXPECT_TRUE(drain.behind());
  EXPECT_TRUE(std::ranges::is_sorted(seen_.times));
  drain.flush(100 * kMilli);
  EXPECT_EQ(seen_.times,
            (std::vector<uint64_t>{10 * kMilli, 15 * kMilli, 20 * kMilli, 30 * kMilli}));
  EXPECT_EQ(late(), 0u);
}

// More records arrive than are taken, most of them on the first rings.
TEST_F(DrainTest, ASlowReaderStarvesNoRing) {
  constexpr size_t kRings = 8;
  constexpr Drain::Limits kLimits{.batch_records = 32, .round_records = 256};
  FakeRings rings(kRings);
  Drain drain(rings, seen_, counters_, kLimits);
  uint64_t now = 0;
  size_t held = 0;
  for (int round = 0; round < 200; ++round) {
    const uint64_t begin = now;
    now += 5 * kMilli;
    for (size_t ring = 0; ring < kRings; ++ring) {
      const uint64_t n = 400 >> ring;  // 400, 200 … 3: 797 a round
      for (uint64_t i = 0; i < n; ++i) {
        rings.rings[ring].push_back(begin + (i + 1) * 5 * kMilli / (n + 1));
      }
    }
    drain.round(now);
    held = std::max(held, drain.held());
    EXPECT_TRUE(drain.behind());
  }
  EXPECT_EQ(late(), 0u);
  EXPECT_TRUE(std::ranges::is_sorted(seen_.times));
  EXPECT_LE(held, kLimits.round_records + kRings * kLimits.batch_records);
  ASSERT_EQ(seen_.last.size(), kRings) << "a ring was never drained";
  const auto [slowest, fastest] = std::ranges::minmax(seen_.last | std::views::values);
  EXPECT_LT(fastest - slowest, 10 * kMilli);
  // A quarter of the records was passed on, so the stream has reached a quarter of the time.
  EXPECT_GT(slowest, now / 4);
  drain.flush(now);
  EXPECT_EQ(late(), 0u);
  EXPECT_TRUE(std::ranges::is_sorted(seen_.times));
}

TEST_F(DrainTest, BytesBoundARoundToo) {
  FakeRings rings(1);
  for (uint64_t i = 0; i < 1000; ++i) rings.rings[0].push_back(i);
  const size_t size = record(0, 0).size();
  Drain drain(rings, seen_, counters_, {.batch_bytes = 10 * size, .round_bytes = 100 * size});
  drain.round(kSettle);
  EXPECT_EQ(drain.taken(), 100u);
  EXPECT_TRUE(drain.behind());
}

TEST_F(DrainTest, NoRingsNothing) {
  FakeRings rings(0);
  Drain drain(rings, seen_, counters_);
  EXPECT_EQ(drain.round(5 * kMilli), 0u);
  EXPECT_EQ(drain.flush(5 * kMilli), 0u);
}

}  // namespace
}  // namespace weft::kernel

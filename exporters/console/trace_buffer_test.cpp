// SPDX-License-Identifier: Apache-2.0
#include "exporters/console/trace_buffer.h"

#include <gtest/gtest.h>

namespace weft::console {
namespace {

using namespace std::chrono_literals;

SpanPtr a_span(uint64_t trace, bool root, uint64_t began = 1) {
  auto span = std::make_shared<Span>();
  const SpanId half = span_id_from(trace);
  std::copy(half.bytes.begin(), half.bytes.end(), span->trace.bytes.begin());
  span->id = SpanId::random();
  span->start = began;
  if (!root) span->parent = SpanId::random();
  return span;
}

struct TraceBufferTest : testing::Test {
  TraceBuffer buffer;
  const TraceBuffer::Clock::time_point start{1h};
};

TEST_F(TraceBufferTest, ARootEndsTheWaitSoon) {
  buffer.add(a_span(1, false), start);
  buffer.add(a_span(1, true), start + 10ms);
  EXPECT_EQ(buffer.next(), start + 110ms);
  EXPECT_TRUE(buffer.take_ready(start + 109ms).empty());
  const auto ready = buffer.take_ready(start + 110ms);
  ASSERT_EQ(ready.size(), 1u);
  EXPECT_EQ(ready[0].spans.size(), 2u);
  EXPECT_FALSE(ready[0].continued);
  EXPECT_EQ(buffer.next(), std::nullopt);
}

TEST_F(TraceBufferTest, WithoutARootItSettles) {
  buffer.add(a_span(1, false), start);
  buffer.add(a_span(1, false), start + 400ms);
  EXPECT_TRUE(buffer.take_ready(start + 899ms).empty());
  EXPECT_EQ(buffer.take_ready(start + 900ms).size(), 1u);
}

TEST_F(TraceBufferTest, TracesAreApartAndInOrderOfTheirStart) {
  buffer.add(a_span(1, false, 7), start);
  buffer.add(a_span(2, true, 6), start);
  buffer.add(a_span(1, false, 5), start);
  EXPECT_EQ(buffer.next(), start + 100ms);
  const auto ready = buffer.take_ready(start + 500ms);
  ASSERT_EQ(ready.size(), 2u);
  EXPECT_EQ(ready[0].spans[0]->trace, a_span(1, true)->trace);
}

TEST_F(TraceBufferTest, TellsAContinuation) {
  buffer.add(a_span(1, true), start);
  buffer.take_all();
  buffer.add(a_span(1, false), start + 1s);
  buffer.add(a_span(2, false), start + 1s);
  const auto more = buffer.take_all();
  ASSERT_EQ(more.size(), 2u);
  EXPECT_TRUE(more[0].continued);
  EXPECT_FALSE(more[1].continued);
}

TEST_F(TraceBufferTest, AHugeTraceGoesInPieces) {
  for (size_t i = 0; i < TraceBuffer::kMaxTraceSpans; ++i) buffer.add(a_span(1, false), start);
  EXPECT_EQ(buffer.take_ready(start).size(), 1u);
}

TEST_F(TraceBufferTest, TooManyHeldSpansReleaseTheOldestTrace) {
  for (uint64_t i = 1; i <= TraceBuffer::kMaxSpans; ++i) {
    buffer.add(a_span(i, false), start + std::chrono::nanoseconds(i));
  }
  const auto ready = buffer.take_ready(start + 1ms);
  ASSERT_EQ(ready.size(), 1u);
  EXPECT_EQ(ready[0].spans[0]->trace, a_span(1, false)->trace);
}

}  // namespace
}  // namespace weft::console

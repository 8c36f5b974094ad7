// SPDX-License-Identifier: Apache-2.0
// Trace contexts that the kernel side decides and sends with the first byte.
#include "agent/stitch/stitch_fixture.h"

namespace weft {
namespace {

class ContextsTest : public testing::StitchFixture {
 protected:
  void announce(uint64_t exchange_id, uint64_t parent, uint8_t trace) {
    weft_ev_context event{};
    event.exchange_id = exchange_id;
    event.parent = parent;
    std::ranges::fill(event.trace_id, trace);
    event.trace_flags = kFlagSampled;
    stitcher_.on_context(event);
  }
  static TraceId trace(uint8_t byte) {
    TraceId id;
    id.bytes.fill(byte);
    return id;
  }
  void tell() {
    stitcher_.set_on_decided([this](uint64_t exchange_id, const weft_exchange_context& context) {
      decided_[exchange_id] = context;
    });
  }
  std::map<uint64_t, weft_exchange_context> decided_;
};

TEST_F(ContextsTest, WhatWasAnnouncedIsFollowed) {
  announce(8, 7, 0xa7);
  Call out = begin(Role::kClient, {.exchange_id = 8, .client_port = 5001});
  const SpanPtr span = end(out);
  EXPECT_EQ(span->trace, trace(0xa7));
  EXPECT_EQ(span->id, span_id_from(8));
  EXPECT_EQ(span->parent, span_id_from(7)) << "its request may be over already";
}

TEST_F(ContextsTest, OfAnotherExchangeItIsNot) {
  announce(9, 7, 0xa7);
  Call out = begin(Role::kClient, {.exchange_id = 8, .client_port = 5001});
  const SpanPtr span = end(out);
  EXPECT_NE(span->trace, trace(0xa7));
  EXPECT_FALSE(span->parent.valid());
}

TEST_F(ContextsTest, AServersTraceIsToldOnceItsHeadIsComplete) {
  tell();
  Call in = begin(Role::kServer, {.tid = 101, .exchange_id = 7});
  EXPECT_TRUE(decided_.empty());
  in.sink->head(in.handle, context(testing::kTrace, testing::kParent));
  ASSERT_TRUE(decided_.contains(7));
  EXPECT_EQ(decided_[7].tid, 101u);
  EXPECT_EQ(decided_[7].trace_flags & kFlagSampled, kFlagSampled);
  TraceId told;
  std::ranges::copy(decided_[7].trace_id, told.bytes.begin());
  EXPECT_EQ(told, *TraceId::parse(testing::kTrace));
  announce(8, 7, decided_[7].trace_id[0]);
  EXPECT_EQ(end(in)->trace, told);
}

TEST_F(ContextsTest, WhereNobodyIsCertainNothingIsTold) {
  tell();
  Call polled = begin(Role::kServer, {.exchange_id = 7, .flags = WEFT_DATA_POLLED});
  polled.sink->head(polled.handle, std::nullopt);
  Call goroutine = begin(Role::kServer, {.pid = 900, .exchange_id = 9, .client_port = 2});
  goroutine.sink->head(goroutine.handle, std::nullopt);
  EXPECT_TRUE(decided_.empty());
  Call task = begin(
      Role::kServer,
      {.pid = 900, .exchange_id = 11, .flags = WEFT_DATA_POLLED, .client_port = 3, .task = 0xa0});
  task.sink->head(task.handle, std::nullopt);
  ASSERT_TRUE(decided_.contains(11));
  EXPECT_EQ(decided_[11].tid, 0u) << "its tasks only";
  for (Call* call : {&polled, &goroutine, &task}) end(*call);
}

TEST(AnnouncedContextsTest, AreBoundedAndTakenOnce) {
  AnnouncedContexts contexts;
  weft_ev_context event{};
  for (uint64_t id = 1; id <= AnnouncedContexts::kMost + 1; ++id) {
    event.exchange_id = id;
    contexts.add(event);
  }
  EXPECT_EQ(contexts.size(), AnnouncedContexts::kMost);
  EXPECT_FALSE(contexts.take(1));
  EXPECT_TRUE(contexts.take(2));
  EXPECT_FALSE(contexts.take(2));
}

}  // namespace
}  // namespace weft

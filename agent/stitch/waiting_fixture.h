// SPDX-License-Identifier: Apache-2.0
// For tests of waiting spans: a request, its thread's query, and the emitted spans.
#pragma once

#include <gmock/gmock.h>
#include <utility>
#include <vector>

#include "agent/stitch/stitch_fixture.h"

namespace weft::testing {

using ::testing::SizeIs;

inline constexpr uint64_t kPatience = WatchedNodes::kPatience;

class WaitingTest : public testing::StitchFixture {
 protected:
  WaitingTest() { patient_ = true; }

  Call request(uint64_t exchange_id = 7) {
    return begin(Role::kServer, {.exchange_id = exchange_id});
  }
  // Made by the thread that serves request 7.
  Call query(uint64_t exchange_id = 8) {
    return begin(Role::kClient, {.exchange_id = exchange_id,
                                 .current_exchange = 7,
                                 .client_port = static_cast<uint16_t>(5000 + exchange_id)});
  }
  void end_quietly(Call& call) {
    const size_t before = spans_.spans.size();
    end(call);
    EXPECT_THAT(spans_.spans, SizeIs(before)) << "has to wait";
  }
  void abandon(Call& call) { call.sink->abandon(call.handle); }
  std::vector<SpanPtr> take() { return std::exchange(spans_.spans, {}); }
  uint64_t parents(const char* how) {
    return counters_.get("weft.spans.parents", {{"how", how}}).value();
  }
  uint64_t emitted() { return counters_.get("weft.spans.emitted").value(); }
};

inline void expect_root(const SpanPtr& span) {
  EXPECT_FALSE(span->parent.valid());
  EXPECT_FALSE(span->parent_is_remote);
  EXPECT_TRUE(span->trace.valid());
  EXPECT_EQ(span->attributes.find(semconv::kWeftCorrelation), nullptr);
}

}  // namespace weft::testing

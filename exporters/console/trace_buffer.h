// SPDX-License-Identifier: Apache-2.0
// Holds the spans of a trace for a moment, so that they can be shown together.
#pragma once

#include <chrono>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <vector>

#include "agent/span/span.h"

namespace weft::console {

struct HeldTrace {
  std::vector<SpanPtr> spans;
  bool continued = false;  // spans of it were returned before (known for the last 1024 traces)
};

// One thread. Bounded: at kMaxSpans in all, the trace held longest is released early; a trace with
// kMaxTraceSpans is released at once.
class TraceBuffer {
 public:
  using Clock = std::chrono::steady_clock;
  static constexpr std::chrono::milliseconds kAfterRoot{100};  // for stragglers
  static constexpr std::chrono::milliseconds kSettle{500};     // without new spans, if there is no
                                                               // root
  static constexpr size_t kMaxSpans = 10'000;
  static constexpr size_t kMaxTraceSpans = 2'000;

  void add(SpanPtr span, Clock::time_point now);
  // The traces that are complete or have settled, in order of their start.
  std::vector<HeldTrace> take_ready(Clock::time_point now);
  std::vector<HeldTrace> take_all();
  // When take_ready() will next return something; none: nothing is held.
  std::optional<Clock::time_point> next() const;

 private:
  struct Trace {
    std::vector<SpanPtr> spans;
    Clock::time_point ready;
    Clock::time_point first;
    uint64_t start = UINT64_MAX;  // Unix ns, of the earliest span
    bool has_root = false;
  };
  using Traces = std::map<TraceId, Trace>;
  HeldTrace release(Traces::iterator it);
  void remember(const TraceId& id);

  Traces traces_;
  size_t held_ = 0;
  std::set<TraceId> released_;
  std::deque<TraceId> release_order_;
};

}  // namespace weft::console

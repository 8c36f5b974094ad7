// SPDX-License-Identifier: Apache-2.0
// Head sampling: passes on the spans of the traces that are kept.
#pragma once

#include "agent/base/counter.h"
#include "agent/sample/trace_share.h"
#include "agent/span/span.h"

namespace weft {

// A sink before another. With parent_based the sampled flag decides, whether received or from
// TraceShare::begin; without it the trace id alone decides and the flag is ignored. Spans that are
// not passed on are counted in "weft.spans.sampled_out". One thread.
class HeadSampler final : public SpanSink {
 public:
  // All outlive the sampler.
  HeadSampler(const TraceShare& share, SpanSink& next, CounterSet& counters);
  void push(SpanPtr span) override;

 private:
  const TraceShare& share_;
  SpanSink& next_;
  Counter& sampled_out_;
};

}  // namespace weft

// SPDX-License-Identifier: Apache-2.0
// Head sampling: decides per trace, by its id, so that every agent decides alike.
#pragma once

#include "agent/base/counter.h"
#include "agent/config/config.h"
#include "agent/span/span.h"

namespace weft {

// Whether a trace id falls into `ratio` of all: R ≥ T over its low 56 bits, R taken as a
// big-endian number and T = (1 − ratio)·2^56. ratio ≤ 0: never; ≥ 1: always.
bool keeps_trace(const TraceId& trace, double ratio);

// A sink in front of another. With parent_based, a trace that began elsewhere (its
// context was received: the span carries flags) follows the sampled flag. What does not
// pass is counted in "weft.spans.sampled_out". One thread.
class HeadSampler : public SpanSink {
 public:
  HeadSampler(const SamplerConfig& config, SpanSink& next, CounterSet& counters);
  void push(SpanPtr span) override;

 private:
  bool keeps(const Span& span) const;

  SamplerConfig config_;
  SpanSink& next_;
  Counter& sampled_out_;
};

}  // namespace weft

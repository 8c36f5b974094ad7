// SPDX-License-Identifier: Apache-2.0
// Head sampling: decides per trace, by its id, so that every agent decides alike.
#pragma once

#include <cstdint>

#include "agent/base/counter.h"
#include "agent/config/config.h"
#include "agent/span/span.h"

namespace weft {

// Whether a trace id falls into `ratio` of all: R ≥ T over its low 56 bits, R taken as a
// big-endian number and T = (1 − ratio)·2^56. ratio ≤ 0: never; ≥ 1: always.
bool keeps_trace(const TraceId& trace, double ratio);

// The W3C flags of a trace that begins here: random, and sampled by its id. Whoever starts
// a trace sets them; its children inherit them, as they would a received context's.
uint8_t root_flags(const TraceId& trace, const SamplerConfig& config);

// A sink in front of another. With parent_based the sampled flag decides, be it received
// or root_flags(); without it the trace id alone does, whatever the flag says. What does
// not pass is counted in "weft.spans.sampled_out". One thread.
class HeadSampler final : public SpanSink {
 public:
  // `next` and `counters` outlive the sampler.
  HeadSampler(const SamplerConfig& config, SpanSink& next, CounterSet& counters);
  void push(SpanPtr span) override;

 private:
  SamplerConfig config_;
  SpanSink& next_;
  Counter& sampled_out_;
};

}  // namespace weft

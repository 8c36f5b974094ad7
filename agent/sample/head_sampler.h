// SPDX-License-Identifier: Apache-2.0
// Head sampling: decides per trace by the trace id, so that all agents decide alike.
#pragma once

#include <cstdint>

#include "agent/base/counter.h"
#include "agent/config/config.h"
#include "agent/span/span.h"

namespace weft {

// Whether a trace id falls into `ratio` of all: R ≥ T over its low 56 bits, R taken as a
// big-endian number and T = (1 − ratio)·2^56. ratio ≤ 0: never; ≥ 1: always.
bool keeps_trace(const TraceId& trace, double ratio);

// The W3C flags for a trace that starts here: random, and sampled according to its id. Whoever
// starts a trace sets them; its children inherit them, as they inherit a received context's.
uint8_t root_flags(const TraceId& trace, const SamplerConfig& config);

// A sink before another. With parent_based the sampled flag decides, whether received or from
// root_flags(); without it the trace id alone decides and the flag is ignored. Spans that are not
// passed on are counted in "weft.spans.sampled_out". One thread.
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

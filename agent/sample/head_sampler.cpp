// SPDX-License-Identifier: Apache-2.0
#include "agent/sample/head_sampler.h"

namespace weft {

HeadSampler::HeadSampler(const TraceShare& share, SpanSink& next, CounterSet& counters)
    : share_(share), next_(next), sampled_out_(counters.get("weft.spans.sampled_out")) {}

void HeadSampler::push(SpanPtr span) {
  if (share_.keeps(span->trace, span->trace_flags)) {
    next_.push(std::move(span));
  } else {
    sampled_out_.add();
  }
}

}  // namespace weft

// SPDX-License-Identifier: Apache-2.0
#include "agent/sample/head_sampler.h"

#include <cmath>

#include "agent/base/trace_context.h"

namespace weft {

bool keeps_trace(const TraceId& trace, double ratio) {
  if (ratio >= 1) return true;
  if (!(ratio > 0)) return false;
  constexpr double kRange = 0x1p56;
  // Not (1 − ratio)·2^56: that difference loses the smallest ratios.
  const auto kept = static_cast<uint64_t>(std::llround(ratio * kRange));
  const uint64_t threshold = (uint64_t{1} << 56) - kept;
  uint64_t randomness = 0;
  for (size_t i = trace.bytes.size() - 7; i < trace.bytes.size(); ++i) {
    randomness = randomness << 8 | trace.bytes[i];
  }
  return randomness >= threshold;
}

uint8_t root_flags(const TraceId& trace, const SamplerConfig& config) {
  const uint8_t sampled = keeps_trace(trace, config.ratio) ? kFlagSampled : 0;
  return kFlagRandom | sampled;
}

HeadSampler::HeadSampler(const SamplerConfig& config, SpanSink& next, CounterSet& counters)
    : config_(config), next_(next), sampled_out_(counters.get("weft.spans.sampled_out")) {}

void HeadSampler::push(SpanPtr span) {
  const bool sampled = config_.parent_based ? (span->trace_flags & kFlagSampled) != 0
                                            : keeps_trace(span->trace, config_.ratio);
  if (sampled) {
    next_.push(std::move(span));
  } else {
    sampled_out_.add();
  }
}

}  // namespace weft

// SPDX-License-Identifier: Apache-2.0
// Which traces are kept: the sampler's ratio, and what the budget leaves of it. Decided where a
// trace begins; OpenTelemetry's consistent probability sampling: a trace is kept if its randomness
// is at least a threshold, and its spans carry the threshold ("ot=th:…"), so that they can be
// counted as what they stand for.
#pragma once

#include <array>
#include <cstdint>

#include "agent/base/trace_context.h"
#include "agent/config/config.h"
#include "bpf/abi/weft_config.h"

namespace weft {

// Rejection thresholds of the kernel side, by enum weft_origin; 0 keeps all, WEFT_KEEP_NONE none.
using Thresholds = std::array<uint32_t, WEFT_ORIGINS>;

// Whether a trace id falls into `ratio` of all: R ≥ T over its low 56 bits, R taken as a
// big-endian number and T = (1 − ratio)·2^56. ratio ≤ 0: never; ≥ 1: always.
bool keeps_trace(const TraceId& trace, double ratio);

// What is known where a trace begins.
struct TraceStart {
  uint64_t exchange_id = 0;  // whose randomness the trace takes; 0: none
  uint64_t decided_by = 0;   // the exchange that says whether it is kept; 0: its randomness
  uint16_t threshold = 0;    // in force when that was decided
  bool undecided = false;    // WEFT_DATA_UNDECIDED: its randomness decides, whatever its id says
};

// One thread.
class TraceShare {
 public:
  explicit TraceShare(const SamplerConfig& sampler) : sampler_(sampler) {}

  // The context of a trace that begins: id, flags and trace state. Children inherit it.
  TraceContext begin(const TraceStart& start) const;
  // False: no span of the trace is exported.
  bool keeps(const TraceId& trace, uint8_t flags) const;
  bool parent_based() const { return sampler_.parent_based; }

  // What applies from now on to traces that begin without an exchange.
  void set(const Thresholds& thresholds) { thresholds_ = thresholds; }
  bool limited() const { return thresholds_ != Thresholds{}; }

 private:
  uint64_t present() const;  // threshold

  SamplerConfig sampler_;
  Thresholds thresholds_{};
};

}  // namespace weft

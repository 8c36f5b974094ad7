// SPDX-License-Identifier: Apache-2.0
// Keeps what watching costs within a budget, by keeping a smaller share of the traces.
#pragma once

#include <cstdint>

#include "agent/config/config.h"
#include "agent/sample/trace_share.h"

namespace weft {

// What watching has cost since the last call.
struct Cost {
  double cpu = 0;               // of the agent and of its programs; 1: the whole host
  double spans_per_second = 0;  // emitted
};

// A controller without a clock: call update() about five times a second. One thread.
//
//   over the budget   a smaller share of the traces that begin here; at the least share
//                     (kLeast) also of those that others have begun and sampled, and of
//                     those whose origin is not known yet
//   below it          the same back, step by step, the last one first
class Governor {
 public:
  static constexpr double kLeast = 1.0 / 4096;  // of what the sampler keeps

  Governor(const BudgetConfig& budget, const SamplerConfig& sampler);

  // True: the thresholds have changed.
  bool update(const Cost& cost);
  const Thresholds& thresholds() const { return thresholds_; }

  // What part of the traces that begin here is kept, the sampler's ratio included.
  double share() const;
  // The same of traces that others have begun and sampled.
  double continued_share() const { return continued_; }
  // As of late: 1 is the budget; 0 if there is none.
  double load() const { return load_; }
  bool enabled() const { return budget_.enabled; }

 private:
  void steer(double& share, double least) const;
  Thresholds make_thresholds() const;

  BudgetConfig budget_;
  SamplerConfig sampler_;
  double share_ = 1;  // of what the sampler keeps
  double continued_ = 1;
  double load_ = 0;
  Thresholds thresholds_;
};

}  // namespace weft

// SPDX-License-Identifier: Apache-2.0
// Holds the agent to its budget: measures what watching costs, tells both sides which traces to
// keep, and reads what the kernel side has counted of the others.
#pragma once

#include <chrono>
#include <cstdint>

#include "agent/base/counter.h"
#include "agent/config/config.h"
#include "agent/kernel/object.h"
#include "agent/pipeline/pipeline.h"
#include "agent/sample/governor.h"

namespace weft::app {

// On the pipeline's thread.
class Budget {
 public:
  using Time = std::chrono::steady_clock::time_point;

  // All outlive this.
  Budget(const Config& config, kernel::Object& kernel, Pipeline& pipeline, CounterSet& counters);

  // Call often: acts about five times a second.
  void tick(Time now);
  // Reads the counts of requests that were left out: about once a second, and before a report.
  void read_counts();

  const Governor& governor() const { return governor_; }
  // The share of the host's CPU time that watching took lately.
  double cpu() const { return cpu_; }

 private:
  void measure_programs(Time now);
  void apply();

  Governor governor_;
  kernel::Object& kernel_;
  Pipeline& pipeline_;
  Counter& emitted_;
  Counter& sampled_out_;
  Counter& left_out_;
  kernel::LeftOutCounts counts_;
  kernel::ProgramTime program_time_;
  const double cpus_;
  Time last_;
  Time window_;               // begin of the current or the last one
  double agent_seconds_ = 0;  // CPU time of the process at the last tick
  double program_share_ = 0;  // of one CPU
  uint64_t spans_ = 0;
  double cpu_ = 0;
};

}  // namespace weft::app

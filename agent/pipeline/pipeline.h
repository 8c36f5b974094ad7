// SPDX-License-Identifier: Apache-2.0
// The only place that connects the parts: events → processes; connections → sessions, storage →
// tracers; both → stitcher → sampler → exporters. The same for live events and for a replay.
#pragma once

#include <functional>
#include <memory>

#include "agent/base/counter.h"
#include "agent/config/config.h"
#include "agent/delivery/fanout.h"
#include "agent/discover/process_table.h"
#include "agent/metrics/request_metrics.h"
#include "agent/metrics/storage_metrics.h"
#include "agent/port/event.h"
#include "agent/sample/head_sampler.h"
#include "agent/stitch/stitcher.h"
#include "agent/storage/storage.h"
#include "agent/stream/connection_table.h"

namespace weft {

// How the pipeline controls the event source; in a replay these do nothing.
struct SourceControl {
  ProcessTable::DecisionCallback on_decision = [](uint32_t, bool) {};
  std::function<void(uint32_t pid)> on_gone = [](uint32_t) {};  // remove its decision
  ConnectionTable::CaptureCallback on_capture_override = [](uint64_t, uint32_t, bool) {};
  std::function<void(const weft_file_key&)> on_unwanted_file = [](const weft_file_key&) {};
  // A process executes or has mapped a file that may contain a target.
  std::function<void(uint32_t pid, std::string_view path)> on_exec = [](uint32_t,
                                                                        std::string_view) {};
  std::function<void(uint32_t parent, uint32_t child)> on_fork = [](uint32_t, uint32_t) {};
  std::function<void(uint32_t pid)> on_exit = [](uint32_t) {};
  std::function<void(uint32_t pid)> on_library = [](uint32_t) {};
  std::function<void(uint32_t pid)> on_log = [](uint32_t) {};  // it writes a log
  Stitcher::Origin on_origin = [](uint64_t, bool) {};
  Stitcher::Decided on_context = [](uint64_t, const weft_exchange_context&) {};
};

// One thread, except the counters. `config` and `counters` outlive it.
class Pipeline : public EventSink {
 public:
  Pipeline(const Config& config, std::unique_ptr<ProcSource> processes, SourceControl control,
           storage::Patterns patterns, std::unique_ptr<SpanFanout> exporters, CounterSet& counters);

  void push(const Event& event) override;
  // Housekeeping; call about once a second with the events' clock (monotonic ns).
  void tick(uint64_t now);
  void set_clock(WallClock clock) { stitcher_.set_clock(clock); }
  // No more events will come: exports finished spans until the deadline. True: all were exported.
  bool stop(Batcher::TimePoint deadline);

  // The process has loaded the target's library or executes its program.
  void has_target(const ProbeTarget& target, uint32_t pid);

  ProcessTable& processes() { return processes_; }
  const Stitcher& stitcher() const { return stitcher_; }
  const ConnectionTable& connections() const { return connections_; }
  const SpanFanout& exporters() const { return *exporters_; }
  // What the kernel side decides by from now on.
  void set_thresholds(const Thresholds& thresholds) { share_.set(thresholds); }
  metrics::RequestMetrics& request_metrics() { return request_metrics_; }
  const metrics::StorageMetrics& storage_metrics() const { return storage_metrics_; }

 private:
  uint32_t instance_of(uint32_t pid);
  void forget_metrics(uint32_t pid);
  void on_probe(const Event& event);

  std::unique_ptr<SpanFanout> exporters_;
  TraceShare share_;
  HeadSampler sampler_;
  ProcessTable processes_;
  Stitcher stitcher_;
  ConnectionTable connections_;
  std::function<void(uint32_t, std::string_view)> on_exec_;
  std::function<void(uint32_t, uint32_t)> on_fork_;
  std::function<void(uint32_t)> on_exit_;
  metrics::RequestMetrics request_metrics_;
  metrics::StorageMetrics storage_metrics_;
  storage::Storage storage_;
  Counter& events_;
  Counter& unrouted_;
};

}  // namespace weft

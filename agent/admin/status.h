// SPDX-License-Identifier: Apache-2.0
// A snapshot of a running agent: what `weft status`, /status and /metrics show. Passive
// data; the caller fills it, consistent enough for a person (counters may run ahead).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agent/base/counter.h"
#include "agent/base/result.h"

namespace weft {

struct StatusReport {
  // The hook type in use for one hook.
  struct Hook {
    std::string hook;    // "send", "receive", "connect" …
    std::string type;    // "fentry", "tracepoint", "kprobe", "syscall", "off"
    std::string reason;  // why not a higher hook type; empty when it is the highest
  };
  // A function of a probe target, in one binary that holds the target.
  struct ProbeRow {
    std::string kind;    // of the target: engine, library, runtime
    std::string target;  // its name
    std::string binary;  // path as its process sees it
    std::string probe;
    std::string how;  // where it was found; else why it is not probed
    bool probed = false;
    bool has_flushes = false;      // a call that may contain flushes; false: a point, or a nested
                                   // call
    std::optional<uint64_t> hits;  // calls since the agent's start; absent: not counted
    uint64_t direct_calls = 0;     // direct calls to it in the binary: a hint
    uint64_t inferred = 0;         // flushes of the engine without an enclosing call
  };
  struct ProcessRow {
    uint32_t pid = 0;
    std::string service;
    std::string exe;
    std::string container;  // id, empty: none
    bool traced = false;
    uint64_t spans = 0;
    std::vector<std::string> protocols;  // protocols seen
  };
  struct ProtocolRow {
    std::string name;
    uint64_t exchanges = 0;
    uint64_t errors = 0;
  };
  struct ExporterRow {
    std::string name;
    uint64_t queued = 0;  // spans waiting now
    uint64_t capacity = 0;
    uint64_t sent = 0;
    uint64_t dropped = 0;
    std::string last_error;  // empty: the last attempt succeeded
    uint64_t stored = 0;     // spans on disk
    uint64_t stored_bytes = 0;
    uint64_t last_success = 0;  // Unix s of the last delivery; 0: none yet

    // "working", "failing", or "idle" (nothing was to be sent yet).
    std::string_view state() const {
      if (!last_error.empty()) return "failing";
      return last_success == 0 ? "idle" : "working";
    }
  };
  // A counter other than normal work.
  struct Tally {
    std::string where;  // stage: "kernel", "stream", "session", "otlp_http" …
    std::string cause;  // "ring_full", "queue_full" …
    uint64_t count = 0;
    std::string kind;  // kind_name() of counter_table.h
  };
  struct Gauge {
    std::string name;  // as a counter's: lower case, dots
    std::vector<CounterSet::Label> labels;
    double value = 0;
  };
  struct Histogram {
    std::string name;  // as a counter's, ending in the unit: "….duration_seconds"
    std::string help;  // one sentence; the same for all with this name
    std::vector<CounterSet::Label> labels;
    std::vector<double> bounds;    // upper, inclusive, ascending
    std::vector<uint64_t> counts;  // by bucket, not cumulative; one more than bounds
    double sum = 0;

    uint64_t count() const;
    // The q-quantile, q from 0 to 1: linear within its bucket; the highest bound if above all
    // bounds; 0 if there are no values.
    double quantile(double q) const;
    // Adds the counts of a histogram with the same bounds.
    void add(const Histogram& other);
  };

  std::string version;
  uint32_t pid = 0;
  double uptime_seconds = 0;
  bool ready = false;        // attached; /healthz answers 200
  uint64_t connections = 0;  // followed now
  uint64_t seen = 0;         // exchanges begun
  uint64_t emitted = 0;      // spans handed to the exporters
  // In pipeline order; zero counts may be included.
  std::vector<Tally> losses;    // should have become a span, or been delivered, and was not
  std::vector<Tally> left_out;  // not wanted, sampled out, or only noted
  std::vector<Hook> hooks;
  std::vector<ProbeRow> probes;  // grouped by binary
  std::vector<ProcessRow> processes;
  std::vector<ProtocolRow> protocols;
  std::vector<ExporterRow> exporters;
  std::vector<CounterSet::Sample> counters;
  std::vector<Gauge> gauges;
  std::vector<Histogram> histograms;
};

// Gauges that status_text shows in words.
inline constexpr std::string_view kBudgetLoad = "weft.budget.load";  // 1: the budget
inline constexpr std::string_view kBudgetCpu = "weft.budget.cpu_ratio";
inline constexpr std::string_view kKeptShare = "weft.traces.kept_ratio";
inline constexpr std::string_view kKeptContinued = "weft.traces.continued_kept_ratio";

std::string to_json(const StatusReport& report);
// Error kUnreachable: the text is not a report, so something else answered.
Result<StatusReport> status_from_json(std::string_view json);
// Text for a person: seen → emitted → dropped (and where), then protocols, storage, engines,
// processes, exporters, hooks. Ends in a newline.
std::string to_text(const StatusReport& report);
// The exporters section of it.
std::string exporters_text(const StatusReport& report);
// Prometheus text format 0.0.4. Counters: dots become underscores, "_total" is added.
// Histograms: cumulative buckets.
std::string to_prometheus(const StatusReport& report);

}  // namespace weft

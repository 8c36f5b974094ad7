// SPDX-License-Identifier: Apache-2.0
#include "agent/app/report.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <unistd.h>

#include "agent/admin/counter_table.h"
#include "agent/admin/request_rows.h"
#include "agent/admin/storage_rows.h"
#include "agent/base/clock.h"
#include "agent/base/semconv.h"
#include "agent/base/version.h"

namespace weft::app {
namespace {

constexpr std::string_view kWaits = "attached once there is a log";

void add_kernel(const kernel::Object& kernel, StatusReport& report) {
  const auto stats = kernel.stats();
#define WEFT_STAT_SAMPLE(name, text, kind, help) \
  report.counters.push_back({"weft.kernel." text, {}, stats[WEFT_STAT_##name]});
  WEFT_STATS(WEFT_STAT_SAMPLE)
#undef WEFT_STAT_SAMPLE
  report.counters.push_back({"weft.kernel.missed_calls", {}, kernel.missed()});
  report.gauges.push_back({"weft.kernel.map_bytes", {}, static_cast<double>(kernel.map_bytes())});
}

void add_probes(const attach::Planner& planner, StatusReport& report) {
  std::map<std::string, uint64_t> inferred;  // by engine
  for (const CounterSet::Sample& sample : report.counters) {
    if (sample.name != "weft.storage.inferred_flushes") continue;
    inferred[label_value(sample.labels, "engine")] = sample.value;
  }
  report.probes = probe_rows(planner);
  for (size_t i = 0; i < report.probes.size(); ++i) {
    StatusReport::ProbeRow& row = report.probes[i];
    row.hits = planner.hits(planner.rows()[i]);
    row.inferred = inferred[row.target];
  }
}

void add_exporters(const Pipeline& pipeline, StatusReport& report) {
  std::map<std::string, StatusReport::ExporterRow> rows;
  for (const Batcher::State& state : pipeline.exporters().states()) {
    StatusReport::ExporterRow& row = rows[state.name];
    row.queued += state.queued;
    row.capacity += state.capacity;
    row.stored += state.stored_spans;
    row.stored_bytes += state.stored_bytes;
    row.last_success = state.last_success;
    if (!state.fault.empty()) row.last_error = state.fault;
  }
  for (const CounterSet::Sample& sample : report.counters) {
    if (!sample.name.starts_with("weft.exporter.spans.")) continue;
    StatusReport::ExporterRow& row = rows[label_value(sample.labels, "exporter")];
    row.name = label_value(sample.labels, "exporter");
    (sample.name.ends_with("delivered") ? row.sent : row.dropped) += sample.value;
  }
  for (auto& [name, row] : rows) report.exporters.push_back(std::move(row));
}

void add_processes(Pipeline& pipeline, StatusReport& report) {
  const auto& tallies = pipeline.stitcher().tallies().of_processes();
  pipeline.processes().for_each([&](const Process& process) {
    StatusReport::ProcessRow row;
    row.pid = process.facts.pid;
    row.service = process.resource->attributes.text(semconv::kServiceName);
    row.exe = process.facts.exe;
    row.container = process.facts.container_id;
    row.traced = process.traced;
    const auto tally = tallies.find(process.facts.pid);
    if (tally != tallies.end()) {
      for (const auto& [protocol, counts] : tally->second) {
        row.spans += counts.spans;
        row.protocols.emplace_back(protocol);
      }
    }
    report.processes.push_back(std::move(row));
  });
  std::ranges::sort(report.processes, {}, &StatusReport::ProcessRow::pid);
  for (const auto& [protocol, counts] : pipeline.stitcher().tallies().totals()) {
    report.protocols.push_back({std::string(protocol), counts.spans, counts.errors});
  }
}

std::string_view protocol_name(uint8_t id) {
  const Protocol* protocol = protocol_with(id);
  return protocol ? protocol->name : "";
}

void add_budget(const Budget& budget, StatusReport& report) {
  if (!budget.governor().enabled()) return;
  report.gauges.push_back({std::string(kBudgetLoad), {}, budget.governor().load()});
  report.gauges.push_back({std::string(kBudgetCpu), {}, budget.cpu()});
  report.gauges.push_back({std::string(kKeptShare), {}, budget.governor().share()});
  report.gauges.push_back({std::string(kKeptContinued), {}, budget.governor().continued_share()});
}

}  // namespace

std::vector<StatusReport::Hook> hook_rows(const std::vector<kernel::Choice>& choices) {
  std::vector<StatusReport::Hook> rows;
  for (const kernel::Choice& choice : choices) {
    const bool off = choice.type == HookType::kAuto;
    std::string reason = choice.reason;
    if (choice.waits) reason += (reason.empty() ? "" : "; ") + std::string(kWaits);
    rows.push_back({std::string(choice.hook->name),
                    off ? "off" : std::string(kernel::hook_type_name(choice.type)), reason});
  }
  return rows;
}

std::vector<StatusReport::ProbeRow> probe_rows(const attach::Planner& planner) {
  std::vector<StatusReport::ProbeRow> rows;
  for (const attach::ProbeRow& row : planner.rows()) {
    const bool paused = row.paused_until != 0;
    rows.push_back(
        {.kind = std::string(kind_name(row.target->kind)),
         .target = std::string(row.target->name),
         .binary = row.binary,
         .probe = std::string(row.spec->name),
         .how = row.how + (row.refusal.empty() ? "" : ": " + row.refusal) +
                (paused ? ": called too often, detached for a while" : ""),
         .probed = row.probed && !paused,
         .has_flushes = row.target->kind == TargetKind::kEngine && has_flushes(*row.spec),
         .hits = {},
         .direct_calls = row.direct_calls});
  }
  return rows;
}

StatusReport make_report(const kernel::Object& kernel, const attach::Planner& planner,
                         Pipeline& pipeline, const Budget& budget, const CounterSet& counters,
                         uint64_t started) {
  StatusReport report;
  report.version = kVersion;
  report.pid = static_cast<uint32_t>(getpid());
  report.uptime_seconds = static_cast<double>(monotonic_ns() - started) / 1e9;
  report.ready = true;
  report.connections = pipeline.connections().size();
  report.hooks = hook_rows(kernel.choices());
  add_kernel(kernel, report);
  std::ranges::copy(counters.samples(), std::back_inserter(report.counters));
  add_probes(planner, report);
  add_exporters(pipeline, report);
  add_processes(pipeline, report);
  add_storage(pipeline.storage_metrics(), report);
  add_requests(pipeline.request_metrics(), protocol_name, report);
  add_budget(budget, report);
  sort_counters(report);
  return report;
}

}  // namespace weft::app

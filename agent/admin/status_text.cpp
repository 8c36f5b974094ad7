// SPDX-License-Identifier: Apache-2.0
// `weft status` for a person.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <map>
#include <utility>

#include "agent/admin/counter_table.h"
#include "agent/admin/probe_rows.h"
#include "agent/admin/status.h"
#include "agent/admin/storage_rows.h"
#include "agent/admin/table.h"

namespace weft {
namespace {

std::string duration(double seconds) {
  const auto whole = static_cast<uint64_t>(std::max(0.0, seconds));
  const auto part = [](uint64_t n, const char* unit) { return std::to_string(n) + " " + unit; };
  if (whole < 60) return part(whole, "s");
  if (whole < 3600) return part(whole / 60, "min") + " " + part(whole % 60, "s");
  if (whole < 86400) return part(whole / 3600, "h") + " " + part(whole / 60 % 60, "min");
  return part(whole / 86400, "d") + " " + part(whole / 3600 % 24, "h");
}

std::string joined(const std::vector<std::string>& parts) {
  std::string out;
  for (const std::string& part : parts) out += (out.empty() ? "" : " ") + part;
  return out;
}

std::string percent(double share) {
  char text[32];
  std::snprintf(text, sizeof text, share >= 0.1 ? "%.0f %%" : "%.2g %%", share * 100);
  return text;
}

double gauge(const StatusReport& report, std::string_view name) {
  const auto found = std::ranges::find(report.gauges, name, &StatusReport::Gauge::name);
  return found == report.gauges.end() ? -1 : found->value;
}

// What watching costs, and what is kept because of it.
std::string budget(const StatusReport& report) {
  const double kept = gauge(report, kKeptShare);
  if (kept < 0) return "";
  const double continued = gauge(report, kKeptContinued);
  std::string out = "  kept     " + (kept >= 1 ? "all traces" : percent(kept) + " of the traces");
  if (continued < 1) out += ", " + percent(continued) + " of those that others have sampled";
  return out + "; watching takes " + percent(gauge(report, kBudgetCpu)) + " of the host's CPU, " +
         percent(gauge(report, kBudgetLoad)) + " of its budget\n";
}

std::string summary(const StatusReport& report) {
  uint64_t lost = 0;
  for (const auto& loss : report.losses) lost += loss.count;
  std::string out = "weft " + printable(report.version) + ", pid " + std::to_string(report.pid) +
                    ", up " + duration(report.uptime_seconds) +
                    (report.ready ? ", tracing\n" : ", starting\n");
  out += "\n  seen     " + grouped(report.seen) + " exchanges, " + grouped(report.connections) +
         " connections open now\n";
  out += "  emitted  " + grouped(report.emitted) + " spans\n";
  uint64_t sampled = 0;
  for (const auto& row : report.left_out) {
    if (row.kind == kind_name(CounterKind::kSampled)) sampled += row.count;
  }
  if (sampled > 0) out += "  sampled  " + grouped(sampled) + " spans left out\n";
  out += "  lost     " + grouped(lost) + "\n";
  return out + budget(report);
}

std::string losses(const StatusReport& report) {
  Table table("Lost, by cause", "<<>", {"where", "cause", "count"});
  for (const auto& loss : report.losses) {
    if (loss.count > 0) table.row({loss.where, loss.cause, grouped(loss.count)});
  }
  return table.text();
}

std::string left_out(const StatusReport& report) {
  Table table("Not lost", "<<<>", {"where", "cause", "what", "count"});
  for (const auto& row : report.left_out) {
    if (row.count > 0) table.row({row.where, row.cause, row.kind, grouped(row.count)});
  }
  return table.text();
}

std::string protocols(const StatusReport& report) {
  Table table("Protocols", "<>>", {"name", "exchanges", "errors"});
  for (const auto& r : report.protocols)
    table.row({r.name, grouped(r.exchanges), grouped(r.errors)});
  return table.text();
}

// 0.00123 → "1.23 ms".
std::string latency(double seconds) {
  const auto [size, unit] = seconds >= 1      ? std::pair(1.0, " s")
                            : seconds >= 1e-3 ? std::pair(1e-3, " ms")
                                              : std::pair(1e-6, " µs");
  char text[32];
  std::snprintf(text, sizeof text, "%.3g", seconds / size);
  return std::string(text) + unit;
}

// One service and operation: all files and backends together.
struct StorageRow {
  StatusReport::Histogram durations;
  uint64_t errors = 0;
};

std::string storage(const StatusReport& report) {
  std::map<std::array<std::string, 3>, StorageRow> rows;
  const auto key = [](const std::vector<CounterSet::Label>& labels) {
    return std::array{label_value(labels, "engine"), label_value(labels, "service.name"),
                      label_value(labels, "operation")};
  };
  for (const auto& h : report.histograms) {
    if (h.name == kStorageDuration) rows[key(h.labels)].durations.add(h);
  }
  for (const auto& c : report.counters) {
    if (c.name == kStorageErrors) rows[key(c.labels)].errors += c.value;
  }
  Table table("Storage", "<<<>>>>",
              {"engine", "service", "operation", "count", "p50", "p99", "errors"});
  for (const auto& [name, row] : rows) {
    table.row({name[0], name[1], name[2], grouped(row.durations.count()),
               latency(row.durations.quantile(0.5)), latency(row.durations.quantile(0.99)),
               grouped(row.errors)});
  }
  return table.text();
}

std::string processes(const StatusReport& report) {
  constexpr size_t kShownId = 12;  // as container tools do
  Table table("Processes", "><><<<",
              {"pid", "service", "spans", "protocols", "container", "executable"});
  std::vector<StatusReport::ProcessRow> sorted = report.processes;
  std::ranges::stable_sort(sorted, [](const auto& a, const auto& b) { return a.spans > b.spans; });
  size_t ignored = 0;
  for (const auto& r : sorted) {
    if (!r.traced) {
      ++ignored;
      continue;
    }
    table.row({std::to_string(r.pid), r.service, grouped(r.spans), joined(r.protocols),
               r.container.substr(0, kShownId), r.exe});
  }
  std::string out = table.text();
  if (ignored > 0)
    out +=
        "  and " + grouped(ignored) + (ignored == 1 ? " process" : " processes") + " not traced\n";
  return out;
}

std::string hooks(const StatusReport& report) {
  Table table("Hooks", "<<<", {"hook", "type", "why not better"});
  for (const auto& r : report.hooks) table.row({r.hook, r.type, r.reason});
  return table.text();
}

}  // namespace

std::string exporters_text(const StatusReport& report) {
  Table table("Exporters", "<<>>>><",
              {"name", "state", "sent", "dropped", "queue", "on disk", "last error"});
  for (const auto& r : report.exporters) {
    table.row({r.name, std::string(r.state()), grouped(r.sent), grouped(r.dropped),
               grouped(r.queued) + "/" + grouped(r.capacity), grouped(r.stored), r.last_error});
  }
  return table.text();
}

std::string to_text(const StatusReport& report) {
  return summary(report) + losses(report) + left_out(report) + protocols(report) + storage(report) +
         probes_text(report.probes) + processes(report) + exporters_text(report) + hooks(report);
}

}  // namespace weft

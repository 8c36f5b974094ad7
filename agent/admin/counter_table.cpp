// SPDX-License-Identifier: Apache-2.0
#include "agent/admin/counter_table.h"

#include <algorithm>

#include "bpf/abi/weft_stat.h"

namespace weft {
namespace {

using enum CounterKind;

#define WEFT_STAT_ROW(name, text, kind, help) \
  {"weft.kernel." text, "", CounterKind::k##kind, "kernel", help},

constexpr CounterRow kRows[] = {
    WEFT_STATS(WEFT_STAT_ROW)  //
    {"weft.kernel.missed_calls", "", kLost, "kernel", "a program did not run: nested in another"},
    {"weft.events.read", "", kSeen, "reader", "records of the kernel side"},
    {"weft.events.dropped", "", kLost, "reader", "records that are none"},
    {"weft.events.unrouted", "", kLost, "pipeline",
     "calls of functions that nothing here interprets"},
    {"weft.events.late", "", kNoted, "reader", "records that came after later ones"},
    {"weft.discover.evicted", "", kNoted, "discover", "processes forgotten for want of room"},
    {"weft.discover.reused_pids", "", kNoted, "discover", "pids that were another process's"},
    {"weft.discover.malformed_resource_attributes", "", kNoted, "discover",
     "OTEL_RESOURCE_ATTRIBUTES that cannot be read"},
    {"weft.connections.opened", "", kSeen, "stream", "connections followed"},
    {"weft.connections.dropped", "", kLost, "stream", "connections not followed"},
    {"weft.connections.ignored", "tunnel", kUnwanted, "stream", "connections become opaque"},
    {"weft.connections.ignored", "", kLost, "stream", "connections given up"},
    {"weft.connections.expired", "", kNoted, "stream", "connections whose end was not heard of"},
    {"weft.exchanges.begun", "", kSeen, "session", "exchanges"},
    {"weft.exchanges.abandoned", "", kLost, "session",
     "exchanges that cannot be reported truthfully"},
    {"weft.exchanges.unwanted", "", kUnwanted, "session", "exchanges of processes not traced"},
    {"weft.exchanges.left_out", "", kSampled, "kernel",
     "requests of traces not kept, counted only"},
    {"weft.exchanges.exported_elsewhere", "", kUnwanted, "session",
     "exchanges of processes that export spans themselves, and those exports"},
    {"weft.storage.operations", "", kSeen, "storage", "operations of storage engines"},
    {"weft.storage.dropped", "many_inside", kNoted, "storage",
     "parts of a call counted in it alone"},
    {"weft.storage.dropped", "", kLost, "storage", "events of files or engines not known"},
    {"weft.storage.inferred_flushes", "", kNoted, "storage",
     "flushes inferred from file I/O: no probed call enclosed them"},
    {"weft.storage.series.refused", "", kNoted, "storage", "series of metrics beyond the bound"},
    {"weft.storage.operation.bytes", "", kSeen, "storage", "bytes written"},
    {"weft.storage.operation.errors", "", kSeen, "storage", "operations that failed"},
    {"weft.request.left_out", "", kSeen, "kernel", "requests of traces not kept, counted only"},
    {"weft.engine.probe.hits", "", kSeen, "storage", "calls of probed functions"},
    {"weft.spans.parents", "", kSeen, "stitcher", "spans by how their parent was found"},
    {"weft.spans.sampled_out", "", kSampled, "sampler", "spans of traces not kept"},
    {"weft.spans.emitted", "", kSeen, "sampler", "spans handed to the exporters"},
    {"weft.exporter.spans.delivered", "", kSeen, "exporter", "spans that arrived"},
    {"weft.exporter.spans.dropped", "", kLost, "exporter", "spans that did not arrive"},
    {"weft.exporter.retries", "", kNoted, "exporter", "deliveries tried again"},
};
#undef WEFT_STAT_ROW

// Several exporters share a row: use the label's name instead.
std::string where_of(const CounterRow& row, const CounterSet::Sample& sample) {
  const std::string exporter = label_value(sample.labels, "exporter");
  return exporter.empty() ? std::string(row.where) : exporter;
}

std::string cause_of(const CounterSet::Sample& sample) {
  const std::string cause = label_value(sample.labels, "cause");
  return cause.empty() ? sample.name.substr(sample.name.rfind('.') + 1) : cause;
}

}  // namespace

std::span<const CounterRow> counter_rows() {
  return kRows;
}

const CounterRow* find_counter(const CounterSet::Sample& sample) {
  const std::string cause = label_value(sample.labels, "cause");
  const auto* found = std::ranges::find_if(kRows, [&](const CounterRow& row) {
    return row.name == sample.name && (row.cause.empty() || row.cause == cause);
  });
  return found == std::end(kRows) ? nullptr : found;
}

std::string_view kind_name(CounterKind kind) {
  switch (kind) {
    case kSeen:
      return "seen";
    case kUnwanted:
      return "not wanted";
    case kSampled:
      return "sampled out";
    case kLost:
      return "lost";
    case kNoted:
      return "noted";
  }
  return "";
}

std::string counter_help(std::string_view name) {
  std::string out;
  for (const CounterRow& row : kRows) {
    if (row.name != name) continue;
    out += out.empty() ? "" : "; ";
    if (!row.cause.empty()) out += std::string(row.cause) + ": ";
    out += std::string(row.help) + " (" + std::string(kind_name(row.kind)) + ")";
  }
  return out.empty() ? out : out + ".";
}

void sort_counters(StatusReport& report) {
  for (const CounterRow& row : kRows) {
    for (const CounterSet::Sample& sample : report.counters) {
      if (find_counter(sample) != &row) continue;
      if (row.name == "weft.exchanges.begun") report.seen = sample.value;
      if (row.name == "weft.spans.emitted") report.emitted = sample.value;
      if (row.kind == kSeen) continue;
      auto& rows = row.kind == kLost ? report.losses : report.left_out;
      rows.push_back({where_of(row, sample), cause_of(sample), sample.value,
                      std::string(kind_name(row.kind))});
    }
  }
}

}  // namespace weft

// SPDX-License-Identifier: Apache-2.0
#include "agent/admin/storage_rows.h"

#include <utility>

#include "agent/admin/histogram_row.h"

namespace weft {
namespace {

using metrics::StorageMetrics;

std::vector<CounterSet::Label> labels_of(const StorageMetrics::Identity& identity) {
  std::vector<CounterSet::Label> out;
  const auto add = [&](const char* name, const std::string& value) {
    if (!value.empty()) out.push_back({name, value});
  };
  // Not "instance": Prometheus uses that label for the scraped agent.
  add("engine", identity.engine);
  add("service.name", identity.service);
  add("operation", identity.operation);
  add("file", identity.file);
  add("backend", identity.backend);
  return out;
}

void add_operation(const StorageMetrics::Identity& identity, const StorageMetrics::Series& series,
                   StatusReport& report) {
  StatusReport::Histogram durations = histogram_row(series.values, kNanoseconds);
  durations.name = kStorageDuration;
  durations.help = "Duration of storage operations.";
  durations.labels = labels_of(identity);
  report.counters.push_back({"weft.storage.operation.bytes", durations.labels, series.bytes});
  report.counters.push_back({std::string(kStorageErrors), durations.labels, series.errors});
  const auto count = static_cast<double>(series.values.count());
  report.gauges.push_back({"weft.storage.operation.success_ratio", durations.labels,
                           1 - static_cast<double>(series.errors) / count});
  report.histograms.push_back(std::move(durations));
}

void add_group(const StorageMetrics::Identity& identity, const StorageMetrics::Series& series,
               StatusReport& report) {
  StatusReport::Histogram sizes = histogram_row(series.values, 1);
  sizes.name = "weft.storage.group_size";
  sizes.help = "Commits that one sync made durable.";
  sizes.labels = labels_of(identity);
  report.histograms.push_back(std::move(sizes));
}

}  // namespace

void add_storage(const StorageMetrics& metrics, StatusReport& report) {
  for (const auto& [identity, series] : metrics.operations()) {
    add_operation(identity, series, report);
  }
  for (const auto& [identity, series] : metrics.groups()) add_group(identity, series, report);
}

}  // namespace weft

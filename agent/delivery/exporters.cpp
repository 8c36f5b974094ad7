// SPDX-License-Identifier: Apache-2.0
#include "agent/delivery/exporters.h"

#include <algorithm>
#include <map>

#include "agent/config/exporter_options.h"
#include "agent/delivery/queued_sender.h"

namespace weft {
namespace {

using std::chrono::milliseconds;

// With a disk queue, spans stay in memory no longer than this before they are stored.
constexpr milliseconds kMostInMemory{500};

// Makes a valid folder name of "otlp_file/development".
std::string as_file_name(std::string name) {
  std::ranges::replace(name, '/', '_');
  return name;
}

disk_queue::Options queue_options(const DiskQueueConfig& config, const std::string& exporter) {
  return {.directory = config.directory + "/" + as_file_name(exporter),
          .max_bytes = config.max_bytes,
          .max_age = config.max_age,
          .sync = config.sync,
          .segment_bytes = std::min<uint64_t>(8u << 20, config.max_bytes / 8)};
}

// Puts the exporter behind its disk queue, if it can have one.
Result<std::unique_ptr<Exporter>> queued(std::unique_ptr<Exporter> exporter,
                                         const DiskQueueConfig& config, BatchOptions& batch,
                                         const std::string& name, CounterSet& counters) {
  if (config.directory.empty() || !dynamic_cast<Sender*>(exporter.get())) return exporter;
  std::unique_ptr<Sender> sender(static_cast<Sender*>(exporter.release()));
  batch.schedule_delay = std::min(batch.schedule_delay, kMostInMemory);
  return QueuedSender::make(std::move(sender), queue_options(config, name), batch.export_timeout,
                            std::make_unique<DeliveryStats>(name, counters));
}

Result<std::unique_ptr<Batcher>> make_batcher(const ExporterConfig& wanted, const Config& config,
                                              const std::string& name, CounterSet& counters) {
  const ExporterKind* kind = find_kind(exporter_kinds(), wanted.kind);
  if (!kind) return fail(ExitCode::kConfig, "no exporter kind '" + wanted.kind + "'");
  auto exporter = kind->make(wanted.settings);
  if (!exporter) return std::unexpected(exporter.error());
  BatchOptions batch = wanted.batch;
  auto outermost = queued(std::move(*exporter), config.disk_queue, batch, name, counters);
  if (!outermost) return std::unexpected(outermost.error());
  return std::make_unique<Batcher>(std::make_unique<DeliveryStats>(name, counters),
                                   std::move(*outermost), batch, kind->immediate);
}

}  // namespace

Result<std::unique_ptr<SpanFanout>> make_exporters(const Config& config, CounterSet& counters) {
  std::vector<std::unique_ptr<Batcher>> batchers;
  std::map<std::string, int> of_kind;
  if (config.disabled) return std::make_unique<SpanFanout>(std::move(batchers), config.limits);
  for (const ExporterConfig& wanted : config.exporters) {
    const int number = ++of_kind[wanted.kind];
    const std::string name = wanted.kind + (number == 1 ? "" : "." + std::to_string(number));
    auto batcher = make_batcher(wanted, config, name, counters);
    if (!batcher) return std::unexpected(batcher.error());
    batchers.push_back(std::move(*batcher));
  }
  return std::make_unique<SpanFanout>(std::move(batchers), config.limits, config.old_names);
}

}  // namespace weft

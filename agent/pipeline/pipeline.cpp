// SPDX-License-Identifier: Apache-2.0
#include "agent/pipeline/pipeline.h"

#include <algorithm>

namespace weft {
namespace {

const ExporterKind* find_kind(std::string_view name) {
  const auto kinds = exporter_kinds();
  const auto it = std::ranges::find(kinds, name, &ExporterKind::name);
  return it == kinds.end() ? nullptr : &*it;
}

}  // namespace

Result<std::unique_ptr<SpanFanout>> make_exporters(const Config& config, CounterSet& counters) {
  std::vector<std::unique_ptr<Batcher>> batchers;
  for (const ExporterConfig& wanted :
       config.disabled ? std::vector<ExporterConfig>{} : config.exporters) {
    const ExporterKind* kind = find_kind(wanted.kind);
    if (!kind) return fail(ExitCode::kConfig, "no exporter kind '" + wanted.kind + "'");
    Result<std::unique_ptr<Exporter>> exporter = kind->make(wanted.settings);
    if (!exporter) return std::unexpected(exporter.error());
    batchers.push_back(std::make_unique<Batcher>(std::string(kind->name), std::move(*exporter),
                                                 wanted.batch, kind->immediate, counters));
  }
  return std::make_unique<SpanFanout>(std::move(batchers), config.limits);
}

Pipeline::Pipeline(const Config& config, std::unique_ptr<ProcSource> processes,
                   SourceControl control, std::unique_ptr<SpanFanout> exporters,
                   CounterSet& counters)
    : exporters_(std::move(exporters)),
      sampler_(config.sampler, *exporters_, counters),
      processes_(config, std::move(processes), std::move(control.on_verdict), counters,
                 {.host = self_host()}),
      stitcher_(processes_, config.sampler, sampler_, counters),
      connections_(stitcher_, {config.server_capture, config.client_capture},
                   std::move(control.on_wish), counters),
      events_(counters.get("weft.events.read")) {}

void Pipeline::push(const Event& event) {
  events_.add();
  switch (event.head->type) {
    case WEFT_EV_EXIT:
      // Connections first: what the process leaves open still belongs to it.
      connections_.on_event(event);
      processes_.on_event(event);
      stitcher_.forget_process(event.head->pid);
      break;
    case WEFT_EV_EXEC:
    case WEFT_EV_FORK:
      processes_.on_event(event);
      break;
    default:
      connections_.on_event(event);
  }
}

void Pipeline::tick(uint64_t now) {
  connections_.sweep(now);
}

bool Pipeline::stop(Batcher::TimePoint deadline) {
  return exporters_->stop(deadline);
}

}  // namespace weft

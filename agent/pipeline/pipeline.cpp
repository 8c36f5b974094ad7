// SPDX-License-Identifier: Apache-2.0
#include "agent/pipeline/pipeline.h"

#include "agent/base/semconv.h"

namespace weft {
Pipeline::Pipeline(const Config& config, std::unique_ptr<ProcSource> processes,
                   SourceControl control, storage::Patterns patterns,
                   std::unique_ptr<SpanFanout> exporters, CounterSet& counters)
    : exporters_(std::move(exporters)),
      share_(config.sampler),
      sampler_(share_, *exporters_, counters),
      processes_(config, std::move(processes), std::move(control.on_decision), counters,
                 {.host = self_host(), .on_gone = std::move(control.on_gone)}),
      stitcher_(processes_, runtimes(), share_, sampler_, counters),
      connections_(stitcher_, {config.server_capture, config.client_capture},
                   std::move(control.on_capture_override), counters),
      on_exec_(std::move(control.on_exec)),
      on_fork_(std::move(control.on_fork)),
      on_exit_(std::move(control.on_exit)),
      storage_metrics_(
          [this](uint32_t pid) {
            return std::string(
                processes_.get(pid)->resource->attributes.text(semconv::kServiceName));
          },
          counters),
      storage_(std::move(patterns),
               {.sink = stitcher_,
                .meter = storage_metrics_,
                .instance_of = [this](uint32_t pid) { return instance_of(pid); },
                .on_unwanted = std::move(control.on_unwanted_file),
                .on_library = std::move(control.on_library),
                .on_log = std::move(control.on_log)},
               counters),
      events_(counters.get("weft.events.read")),
      unrouted_(counters.get("weft.events.unrouted")) {
  stitcher_.set_meter(request_metrics_);
  stitcher_.set_on_origin(std::move(control.on_origin));
  if (config.kernel.contexts) stitcher_.set_on_decided(std::move(control.on_context));
}

void Pipeline::push(const Event& event) {
  events_.add();
  switch (event.head->type) {
    case WEFT_EV_EXIT:
      // Connections first: those that the process leaves open still belong to it.
      connections_.on_event(event);
      storage_.on_event(event);
      forget_metrics(event.head->pid);
      processes_.on_event(event);
      stitcher_.forget_process(event.head->pid);
      on_exit_(event.head->pid);
      break;
    case WEFT_EV_EXEC:
      storage_.on_event(event);
      forget_metrics(event.head->pid);
      processes_.on_event(event);
      on_exec_(event.head->pid, event.as<weft_ev_exec>().path);
      break;
    case WEFT_EV_FORK:
      processes_.on_event(event);
      storage_.on_event(event);
      on_fork_(event.head->pid, event.as<weft_ev_fork>().child_pid);
      break;
    case WEFT_EV_FILE:
    case WEFT_EV_FILE_IO:
    case WEFT_EV_RENAME:
      storage_.on_event(event);
      break;
    case WEFT_EV_PROBE:
      on_probe(event);
      break;
    case WEFT_EV_CONTEXT:
      stitcher_.on_context(event.as<weft_ev_context>());
      break;
    default:
      connections_.on_event(event);
  }
}

void Pipeline::on_probe(const Event& event) {
  switch (static_cast<TargetKind>(event.as<weft_ev_probe>().target_kind)) {
    case TargetKind::kEngine:
      return storage_.on_event(event);
    case TargetKind::kLibrary:
    case TargetKind::kRuntime:
      break;
  }
  unrouted_.add();
}

void Pipeline::has_target(const ProbeTarget& target, uint32_t pid) {
  if (target.kind != TargetKind::kEngine) return;
  if (const Engine* engine = engine_with(target.id)) storage_.has_engine(*engine, pid);
}

void Pipeline::forget_metrics(uint32_t pid) {
  storage_metrics_.forget(pid);
  request_metrics_.forget(pid);
}

// A server's children run the same executable; for a library each process is its own instance.
uint32_t Pipeline::instance_of(uint32_t pid) {
  constexpr int kMaxGenerations = 8;
  ProcessPtr process = processes_.get(pid);
  for (int i = 0; i < kMaxGenerations && process->facts.ppid != 0; ++i) {
    ProcessPtr parent = processes_.get(process->facts.ppid);
    if (parent->facts.exe.empty() || parent->facts.exe != process->facts.exe) break;
    process = std::move(parent);
  }
  return process->facts.pid;
}

void Pipeline::tick(uint64_t now) {
  connections_.sweep(now);
  storage_.sweep(now);
  storage_metrics_.sweep(now);
  stitcher_.sweep(now);
}

bool Pipeline::stop(Batcher::TimePoint deadline) {
  storage_.sweep(UINT64_MAX);
  stitcher_.stop();
  return exporters_->stop(deadline);
}

}  // namespace weft

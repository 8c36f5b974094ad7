// SPDX-License-Identifier: Apache-2.0
#include "agent/storage/storage.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "agent/storage/stamp.h"

namespace weft::storage {
namespace {

template <size_t N>
std::string_view text(const char (&field)[N]) {
  return {field, strnlen(field, N)};
}

}  // namespace

Storage::Storage(Patterns patterns, Surroundings surroundings, CounterSet& counters)
    : files_(std::move(patterns)),
      presence_(counters),
      instances_(std::move(surroundings.instance_of)),
      output_(surroundings.sink, surroundings.meter, instances_, counters),
      log_io_(presence_, instances_, output_, counters),
      calls_(log_io_, presence_, instances_, output_, counters),
      on_unwanted_(std::move(surroundings.on_unwanted)),
      on_library_(std::move(surroundings.on_library)),
      on_log_(std::move(surroundings.on_log)),
      unknown_(counters.get("weft.storage.dropped", {{"cause", "unknown_file"}})) {}

void Storage::on_event(const Event& event) {
  switch (event.head->type) {
    case WEFT_EV_FILE:
      return on_file(event.as<weft_ev_file>());
    case WEFT_EV_FILE_IO:
      return on_io(event.as<weft_ev_file_io>(), event.tail<weft_ev_file_io>());
    case WEFT_EV_RENAME:
      return on_rename(event.as<weft_ev_rename>());
    case WEFT_EV_PROBE:
      return calls_.on_probe(event.as<weft_ev_probe>());
    case WEFT_EV_FORK:
      return calls_.started(event.as<weft_ev_fork>().child_pid);
    case WEFT_EV_EXEC:  // another program
      return forget(event.head->pid);
    case WEFT_EV_EXIT:
      calls_.ended(event.head->pid);
      return forget(event.head->pid);
    default:
      return;
  }
}

void Storage::forget(uint32_t pid) {
  presence_.forget(pid);
  if (instances_.knows(pid)) {
    log_io_.ended(pid);
    instances_.each_of(pid, [&](const Engine& engine, EngineTracer& tracer) {
      EntryOutput sink(output_, engine);
      tracer.exited(pid, sink);
    });
  }
  instances_.forget(pid);
}

void Storage::on_file(const weft_ev_file& event) {
  const File* file = files_.meet(event);
  if (!file) return on_unwanted_(event.key);
  if (file->log.use != WEFT_FILE_LIBRARY) on_log_(event.h.pid);
}

void Storage::on_io(const weft_ev_file_io& event, std::string_view bytes) {
  File* file = files_.find(event.file);
  if (!file) return unknown_.add();
  file->used = event.h.time;
  if (file->log.use != WEFT_FILE_LIBRARY) on_log_(event.h.pid);
  const FileOp op{.file = file->log,
                  .op = static_cast<weft_file_op>(event.op),
                  .start = std::min<uint64_t>(event.start, event.h.time),
                  .by = stamp_of(event),
                  .result = event.result,
                  .fd = event.fd,
                  .bytes = bytes,
                  .within = event.within,
                  .slept = (event.flags & WEFT_IO_SLEPT) != 0};
  switch (file->log.use) {
    case WEFT_FILE_LOG:
      return log_io_.on_operation(*file, op);
    case WEFT_FILE_ENTRY:
      return on_entry(*file->engines.front(), op);
    case WEFT_FILE_LIBRARY:
      return on_library(*file, op.by.pid);
    case WEFT_FILE_IGNORE:
      return;
  }
}

void Storage::on_entry(const Engine& engine, const FileOp& op) {
  EntryOutput sink(output_, engine);
  instances_.get(engine, op.by.pid).tracer->entry(op, sink);
}

void Storage::on_library(const File& file, uint32_t pid) {
  for (const Engine* engine : file.engines) has_engine(*engine, pid);
  on_library_(pid);
}

void Storage::on_rename(const weft_ev_rename& event) {
  const Stamp by{.time = event.h.time, .tid = event.h.tid, .pid = event.h.pid};
  instances_.each_of(event.h.pid, [&](const Engine& engine, EngineTracer& tracer) {
    EntryOutput sink(output_, engine);
    tracer.renamed(by, text(event.from), text(event.to), sink);
  });
}

void Storage::sweep(uint64_t now) {
  log_io_.sweep(now);
  instances_.each([&](const Engine& engine, EngineTracer& tracer) {
    EntryOutput sink(output_, engine);
    tracer.tick(now, sink);
  });
}

}  // namespace weft::storage

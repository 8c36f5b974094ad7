// SPDX-License-Identifier: Apache-2.0
#include "agent/storage/storage.h"

#include <algorithm>
#include <cstring>

#include "agent/base/error_name.h"
#include "agent/base/semconv.h"
#include "agent/storage/describe.h"
#include "agent/storage/fold_io.h"
#include "agent/storage/stamp.h"

namespace weft::storage {
namespace {

constexpr size_t kSyncsKept = 8;

template <size_t N>
std::string_view text(const char (&field)[N]) {
  return {field, strnlen(field, N)};
}

bool is_sync(weft_file_op op) {
  return op == WEFT_FILE_FSYNC || op == WEFT_FILE_FDATASYNC || op == WEFT_FILE_SYNC_RANGE;
}

}  // namespace

// Takes tracers' entry spans. Metered here: entry spans have no sample per operation.
class Storage::Entries final : public EntrySink {
 public:
  Entries(Storage& storage, const Engine& engine) : storage_(storage), engine_(engine) {}

  ParentRefPtr parent_ref(const Stamp& by) override {
    return storage_.surroundings_.sink.parent_ref(by, 0, engine_.thread_owns_request);
  }
  SpanContextPtr reserve_context(const ParentRefPtr& parent_ref) override {
    return storage_.surroundings_.sink.reserve_context(parent_ref);
  }
  void push(SpanTree tree) override {
    storage_.surroundings_.meter.operation(
        {.engine = &engine_,
         .instance = storage_.instance_of(tree.by.pid),
         .operation = tree.name,
         .file = tree.attributes.text(semconv::kWalFilePath),
         .backend = tree.attributes.text(semconv::kWalEntryBackend),
         .duration = tree.end - tree.start,
         .bytes = 0,
         .failed = !tree.error_type.empty()});
    storage_.push(std::move(tree));
  }

 private:
  Storage& storage_;
  const Engine& engine_;
};

Storage::~Storage() = default;

Storage::Storage(Patterns patterns, Surroundings surroundings, CounterSet& counters)
    : files_(std::move(patterns)),
      surroundings_(std::move(surroundings)),
      presence_(counters),
      unknown_(counters.get("weft.storage.dropped", {{"cause", "unknown_file"}})),
      unclaimed_(counters.get("weft.storage.dropped", {{"cause", "no_engine"}})),
      folded_(counters.get("weft.storage.dropped", {{"cause", "many_inside"}})),
      operations_(counters.get("weft.storage.operations")) {}

void Storage::on_event(const Event& event) {
  switch (event.head->type) {
    case WEFT_EV_FILE:
      return on_file(event.as<weft_ev_file>());
    case WEFT_EV_FILE_IO:
      return on_io(event.as<weft_ev_file_io>(), event.tail<weft_ev_file_io>());
    case WEFT_EV_RENAME:
      return on_rename(event.as<weft_ev_rename>());
    case WEFT_EV_PROBE:
      return on_probe(event.as<weft_ev_probe>());
    case WEFT_EV_FORK:
      seen_from_start_.insert(event.as<weft_ev_fork>().child_pid);
      return;
    case WEFT_EV_EXEC:  // another program
      return forget(event.head->pid);
    case WEFT_EV_EXIT:
      seen_from_start_.erase(event.head->pid);
      return forget(event.head->pid);
    default:
      return;
  }
}

void Storage::forget(uint32_t pid) {
  presence_.forget(pid);
  if (instance_of_.contains(pid)) end(pid);
  // Also when the server's first process has done nothing itself.
  std::erase_if(instances_, [&](const auto& e) { return e.first.second == pid; });
}

void Storage::end(uint32_t pid) {
  for (PendingIo& io : pending_.due([&](const PendingIo& d) { return d.tree.by.pid == pid; })) {
    emit_alone(std::move(io));
  }
  to_tracers(pid, [&](EngineTracer& tracer, EntrySink& sink) { tracer.exited(pid, sink); });
  instance_of_.erase(pid);
}

uint32_t Storage::instance_of(uint32_t pid) {
  const auto known = instance_of_.find(pid);
  if (known != instance_of_.end()) return known->second;
  return instance_of_[pid] = surroundings_.instance_of(pid);
}

void Storage::on_file(const weft_ev_file& event) {
  if (!files_.meet(event)) surroundings_.on_unwanted(event.key);
}

void Storage::on_io(const weft_ev_file_io& event, std::string_view bytes) {
  File* file = files_.find(event.file);
  if (!file) {
    unknown_.add();
    return;
  }
  file->used = event.h.time;
  const FileOp op{.file = file->log,
                  .op = static_cast<weft_file_op>(event.op),
                  .start = std::min<uint64_t>(event.start, event.h.time),
                  .by = stamp_of(event),
                  .result = event.result,
                  .fd = event.fd,
                  .bytes = bytes,
                  .within = event.within};
  switch (file->log.use) {
    case WEFT_FILE_LOG:
      return log_op(*file, op);
    case WEFT_FILE_ENTRY: {
      Entries sink(*this, *file->engines.front());
      return instance(*file->engines.front(), op.by.pid).tracer->entry(op, sink);
    }
    case WEFT_FILE_LIBRARY:
      for (const Engine* engine : file->engines) has_engine(*engine, op.by.pid);
      return surroundings_.on_library(op.by.pid);
    case WEFT_FILE_IGNORE:
      return;
  }
}

void Storage::on_rename(const weft_ev_rename& event) {
  to_tracers(event.h.pid, [&](EngineTracer& tracer, EntrySink& sink) {
    tracer.renamed({.time = event.h.time, .tid = event.h.tid, .pid = event.h.pid}, text(event.from), text(event.to), sink);
  });
}

void Storage::to_tracers(uint32_t pid, const std::function<void(EngineTracer&, EntrySink&)>& call) {
  const auto known = instance_of_.find(pid);
  if (known == instance_of_.end()) return;  // the process has used no log or engine
  const uint32_t of = known->second;
  for (auto& [key, instance] : instances_) {
    if (key.second != of) continue;
    Entries sink(*this, *key.first);
    call(*instance.tracer, sink);
  }
}

void Storage::log_op(File& file, const FileOp& op) {
  if (op.op != WEFT_FILE_WRITE && !is_sync(op.op)) return;
  PendingIo io = pending_io_of(file, op);
  measure(io, io.is_write ? "wal.write" : "wal.sync", io.summary);
  if (io.is_sync && op.result >= 0) note_sync(io);
  if (io.is_sync && io.engine->target.probes.empty()) return emit_alone(std::move(io));
  keep(std::move(io));
}

void Storage::measure(const PendingIo& io, std::string_view operation, const IoSummary& summary) {
  surroundings_.meter.operation(
      {.engine = io.engine,
       .instance = instance_of(io.tree.by.pid),
       .operation = operation,
       .file = summary.file.empty() ? std::string_view(io.path) : summary.file,
       .duration = io.tree.end - io.tree.start,
       .bytes = summary.bytes,
       .failed = !io.tree.error_type.empty()});
}

PendingIo Storage::pending_io_of(File& file, const FileOp& op) {
  PendingIo io;
  io.candidates = file.engines;
  io.engine = file.engines.front();
  io.tree.by = op.by;
  if (const Engine* owner = owner_of(io)) {
    io.engine = owner;
    io.candidates = {};
  }
  io.file = file.log.id;
  io.path = file.log.path;
  io.is_sync = is_sync(op.op) || writes_through(file.log);
  io.is_write = !io.is_sync;
  io.within = op.within;
  io.tree.start = op.start;
  io.tree.end = op.by.time;
  io.tree.parent_ref = surroundings_.sink.parent_ref(op.by, 0, io.engine->thread_owns_request);
  if (op.result < 0) io.tree.error_type = error_name(op.result);
  if (op.result > 0) {  // never for a sync
    io.summary = {.bytes = static_cast<uint64_t>(op.result), .writes = 1};
    file.unsynced += io.summary.bytes;
  }
  if (io.is_sync) {
    io.summary.syncs = 1;
    describe_sync(op, file.unsynced, io.tree);
    if (op.result >= 0) file.unsynced = 0;
    io.tree.span_context = surroundings_.sink.reserve_context(io.tree.parent_ref);
  }
  return io;
}

void Storage::keep(PendingIo io) {
  if (pending_.fold(io)) return folded_.add();
  for (PendingIo& early : pending_.add(std::move(io))) emit_alone(std::move(early));
}

void Storage::note_sync(const PendingIo& io) {
  Instance& of = instance(*io.engine, io.tree.by.pid);
  if (of.syncs.size() >= kSyncsKept) {
    surroundings_.meter.group(*io.engine, instance_of(io.tree.by.pid), of.syncs.front().served + 1);
    of.syncs.pop_front();
  }
  of.syncs.push_back({io.tree.end, io.tree.by.tid, 0, io.tree.span_context});
}

// Null: several engines name files like this, and the process holds none of them.
const Engine* Storage::owner_of(const PendingIo& io) const {
  return io.candidates.size() > 1 ? presence_.holder(io.candidates, io.tree.by.pid) : io.engine;
}

// Emits I/O that has no enclosing call. If the engine is unknown, writes are emitted only once
// synced: text logs have such names too.
void Storage::emit_alone(PendingIo io) {
  if (!io.is_write && !io.is_sync) return push(std::move(io.tree));
  const uint32_t pid = io.tree.by.pid;
  const Engine* engine = owner_of(io);
  if (!engine && !io.is_sync) return unclaimed_.add();
  if (engine && io.is_sync) presence_.flush_inferred(*engine);
  std::vector<PendingIo> all;
  if (io.is_sync) all = pending_.writes(pid, io.file, io.tree.start);
  all.push_back(std::move(io));
  EngineTracer* tracer = engine ? instance(*engine, pid).tracer.get() : nullptr;
  push(flush_of(std::move(all), engine, tracer).tree);
}

Storage::Instance& Storage::instance(const Engine& engine, uint32_t pid) {
  Instance& found = instances_[{&engine, instance_of(pid)}];
  if (!found.tracer) found.tracer = engine.make();
  return found;
}

bool Storage::waited(const PendingIo& io, uint64_t now) const {
  if (io.within != 0) return io.tree.end + kLongPatience < now;
  const bool silent = presence_.silent(*io.engine, io.tree.by.pid, io.tree.by.tid);
  return io.tree.end + (silent ? kShortPatience : kPatience) < now;
}

void Storage::sweep(uint64_t now) {
  for (PendingIo& io : pending_.due([&](const PendingIo& d) { return waited(d, now); })) {
    if ((io.is_write || io.is_sync) && !io.engine->target.probes.empty()) {
      presence_.not_called(*io.engine, io.tree.by.pid, io.tree.by.tid);
    }
    emit_alone(std::move(io));
  }
  for (auto& [key, instance] : instances_) {
    Entries sink(*this, *key.first);
    instance.tracer->tick(now, sink);
  }
}

void Storage::push(SpanTree tree) {
  operations_.add();
  surroundings_.sink.emit(std::move(tree));
}

}  // namespace weft::storage

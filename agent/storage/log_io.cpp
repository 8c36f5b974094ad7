// SPDX-License-Identifier: Apache-2.0
#include "agent/storage/log_io.h"

#include <utility>

#include "agent/base/error_name.h"
#include "agent/storage/describe.h"
#include "agent/storage/fold_io.h"

namespace weft::storage {
namespace {

bool is_sync(weft_file_op op) {
  return op == WEFT_FILE_FSYNC || op == WEFT_FILE_FDATASYNC || op == WEFT_FILE_SYNC_RANGE;
}

bool is_unfinished(const Engine& engine, const LogFile& log) {
  return !engine.unfinished.empty() && log.name.starts_with(engine.unfinished);
}

}  // namespace

LogIo::LogIo(EnginePresence& presence, Instances& instances, Output& output, CounterSet& counters)
    : presence_(presence),
      instances_(instances),
      output_(output),
      unclaimed_(counters.get("weft.storage.dropped", {{"cause", "no_engine"}})),
      folded_(counters.get("weft.storage.dropped", {{"cause", "many_inside"}})) {}

void LogIo::on_operation(File& file, const FileOp& op) {
  if (op.op != WEFT_FILE_WRITE && !is_sync(op.op)) return;
  PendingIo io = pending_io_of(file, op);
  output_.measure(io, io.is_write ? "wal.write" : "wal.sync", io.summary);
  if (io.is_sync && op.result >= 0 && !is_unfinished(*io.engine, file.log)) note_sync(io);
  if (io.is_sync && io.engine->target.probes.empty()) return emit_alone(std::move(io));
  keep(std::move(io));
}

PendingIo LogIo::pending_io_of(File& file, const FileOp& op) {
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
  io.slept = op.slept;
  io.tree.start = op.start;
  io.tree.end = op.by.time;
  io.tree.parent_ref = output_.sink().parent_ref(op.by, 0, io.engine->thread_owns_request);
  if (op.result < 0) io.tree.error_type = error_name(op.result);
  if (op.result > 0) {  // never for a sync
    io.summary = {.bytes = static_cast<uint64_t>(op.result), .writes = 1};
    file.unsynced += io.summary.bytes;
  }
  if (io.is_sync) {
    io.summary.syncs = 1;
    describe_sync(op, file.unsynced, io.tree);
    if (op.result >= 0) file.unsynced = 0;
    io.tree.span_context = output_.sink().reserve_context(io.tree.parent_ref);
  }
  return io;
}

void LogIo::note_sync(const PendingIo& io) {
  const Stamp& by = io.tree.by;
  RecentSyncs& syncs = instances_.get(*io.engine, by.pid).syncs;
  if (const auto group = syncs.add(io.tree.end, by.tid, io.tree.span_context)) {
    output_.measure_group(*io.engine, by.pid, *group);
  }
}

void LogIo::keep(PendingIo io) {
  if (pending_.fold(io)) return folded_.add();
  for (PendingIo& early : pending_.add(std::move(io))) emit_alone(std::move(early));
}

// Null: several engines name files like this, and the process holds none of them.
const Engine* LogIo::owner_of(const PendingIo& io) const {
  return io.candidates.size() > 1 ? presence_.holder(io.candidates, io.tree.by.pid) : io.engine;
}

// Emits I/O that has no enclosing call. If the engine is unknown, writes are emitted only once
// synced: text logs have such names too.
void LogIo::emit_alone(PendingIo io) {
  if (!io.is_write && !io.is_sync) return output_.push(std::move(io.tree));
  const uint32_t pid = io.tree.by.pid;
  const Engine* engine = owner_of(io);
  if (!engine && !io.is_sync) return unclaimed_.add();
  if (engine && io.is_sync) presence_.flush_inferred(*engine);
  std::vector<PendingIo> all;
  if (io.is_sync) all = pending_.writes(pid, io.file, io.tree.start);
  all.push_back(std::move(io));
  EngineTracer* tracer = engine ? instances_.get(*engine, pid).tracer.get() : nullptr;
  output_.push(flush_of(std::move(all), engine, tracer).tree);
}

void LogIo::ended(uint32_t pid) {
  for (PendingIo& io : pending_.due([&](const PendingIo& d) { return d.tree.by.pid == pid; })) {
    emit_alone(std::move(io));
  }
}

bool LogIo::waited(const PendingIo& io, uint64_t now) const {
  if (io.within != 0) return io.tree.end + kLongPatience < now;
  const bool silent = presence_.silent(*io.engine, io.tree.by.pid, io.tree.by.tid);
  return io.tree.end + (silent ? kShortPatience : kPatience) < now;
}

void LogIo::sweep(uint64_t now) {
  for (PendingIo& io : pending_.due([&](const PendingIo& d) { return waited(d, now); })) {
    if ((io.is_write || io.is_sync) && !io.engine->target.probes.empty()) {
      presence_.not_called(*io.engine, io.tree.by.pid, io.tree.by.tid);
    }
    emit_alone(std::move(io));
  }
}

}  // namespace weft::storage

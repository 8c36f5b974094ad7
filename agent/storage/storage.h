// SPDX-License-Identifier: Apache-2.0
// From file operations and engine calls to span trees: finds what belongs together.
//
//   write ─┐                             ┌─ inside a probed call: becomes part of its span tree
//   sync  ─┼─▶ the thread's pending I/O ─┤
//   wait  ─┘                             └─ no enclosing call: "wal.flush" (write … sync), or,
//                                           after a while, "wal.append" (writes never synced)
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "agent/base/counter.h"
#include "agent/port/event.h"
#include "agent/port/meter.h"
#include "agent/storage/engine_presence.h"
#include "agent/storage/files.h"
#include "agent/storage/pending_io.h"

namespace weft::storage {

// The interfaces and callbacks that Storage uses.
struct Surroundings {
  SpanTreeSink& sink;
  StorageMeter& meter;
  // The process that represents the instance which `pid` belongs to: a server's first process.
  // Called once per process that uses a log or calls an engine; never for others.
  std::function<uint32_t(uint32_t pid)> instance_of;
  // No pattern fits the name: stop reporting this file.
  std::function<void(const weft_file_key& key)> on_unwanted = [](const weft_file_key&) {};
  // A process has mapped a library, or executes a file, that may contain an engine.
  std::function<void(uint32_t pid)> on_library = [](uint32_t) {};
};

// One thread.
class Storage {
 public:
  // How long pending I/O waits for its enclosing call to return. If the call takes longer, its
  // flush is emitted separately. The short limit holds for a thread whose last operations had no
  // enclosing call: enough for a call that ends soon after its sync.
  static constexpr uint64_t kPatience = 2'000'000'000;
  static constexpr uint64_t kShortPatience = 100'000'000;
  // Operations inside a probed call wait for that call; this limit is for calls whose end was lost.
  static constexpr uint64_t kLongPatience = 60'000'000'000;

  Storage(Patterns patterns, Surroundings surroundings, CounterSet& counters);
  ~Storage();

  // FILE, FILE_IO, RENAME, PROBE (of engines), EXEC, FORK and EXIT events.
  void on_event(const Event& event);
  // Emits what has waited long enough. Call about once a second with the events' clock.
  void sweep(uint64_t now);
  // The process has loaded the engine's library or executes its program.
  void has_engine(const Engine& engine, uint32_t pid) { presence_.has_engine(engine, pid); }

 private:
  struct Instance {
    std::unique_ptr<EngineTracer> tracer;
    struct Sync {
      uint64_t end;
      uint32_t tid;
      uint64_t served;  // how many calls without their own sync it served
      SpanContextPtr span_context;
    };
    std::deque<Sync> syncs;  // the last few
  };
  using InstanceKey = std::pair<const Engine*, uint32_t>;

  class Entries;  // the sink for tracers' entry spans
  void push(SpanTree tree);
  void on_file(const weft_ev_file& event);
  void on_io(const weft_ev_file_io& event, std::string_view bytes);
  void on_rename(const weft_ev_rename& event);
  void on_probe(const weft_ev_probe& event);
  void log_op(File& file, const FileOp& op);
  PendingIo pending_io_of(File& file, const FileOp& op);
  void keep(PendingIo io);
  void emit_alone(PendingIo io);
  void emit_call(const Engine& engine, const ProbeSpec& spec, ProbedCall call);
  void leave_parts(PendingIo call, uint16_t within);
  void forget(uint32_t pid);
  void end(uint32_t pid);  // of a process that has used a log or an engine
  uint32_t instance_of(uint32_t pid);
  Instance& instance(const Engine& engine, uint32_t pid);
  // Calls `tell` for each engine's tracer of the instance that the process belongs to.
  void to_tracers(uint32_t pid, const std::function<void(EngineTracer&, EntrySink&)>& call);
  const Engine* owner_of(const PendingIo& io) const;
  bool waited(const PendingIo& io, uint64_t now) const;
  static SpanContextPtr awaited(const Instance& instance, const IoSummary& summary, uint64_t since,
                                const ProbedCall& call);
  static void credit(Instance& instance, const SpanContextPtr& sync);
  void note_sync(const PendingIo& io);
  void measure(const PendingIo& io, std::string_view operation, const IoSummary& summary);

  Files files_;
  PendingIoTable pending_;
  Surroundings surroundings_;
  std::map<InstanceKey, Instance> instances_;
  EnginePresence presence_;
  std::unordered_set<uint32_t> seen_from_start_;        // processes whose fork was seen
  std::unordered_map<uint32_t, uint32_t> instance_of_;  // by pid: processes that used a log or an
                                                        // engine
  Counter& unknown_;
  Counter& unclaimed_;
  Counter& folded_;
  Counter& operations_;
};

}  // namespace weft::storage

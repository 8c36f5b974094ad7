// SPDX-License-Identifier: Apache-2.0
// File operations and engine calls in, span trees out: finds what belongs together.
//
//   write ─┐                       ┌─ inside a probed call of the engine: part of its span tree
//   sync  ─┼─▶ the thread's pending I/O ─┤
//   wait  ─┘                       └─ of nobody: "wal.flush" by itself (write … sync), after
//                                     a while "wal.append" (writes that nothing synced)
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

// What storage asks of others.
struct Surroundings {
  SpanTreeSink& sink;
  StorageMeter& meter;
  // The process that stands for the instance a process belongs to: a server's first. Asked
  // once of each that does something to a log, or calls an engine; never of others.
  std::function<uint32_t(uint32_t pid)> instance_of;
  // No pattern fits the name: hear no more of it.
  std::function<void(const weft_file_key& key)> on_unwanted = [](const weft_file_key&) {};
  // A process has mapped a library, or executes a file, that an engine may be in.
  std::function<void(uint32_t pid)> on_library = [](uint32_t) {};
};

// One thread.
class Storage {
 public:
  // Pending I/O wait so long for the call around them to end. A call that takes longer has its
  // flush told apart from it. Where no call has come around a thread's last ones, the wait is
  // short: for the sync of a call that has hardly more to do.
  static constexpr uint64_t kPatience = 2'000'000'000;
  static constexpr uint64_t kShortPatience = 100'000'000;
  // What was done within a probed call waits for that call, unless its end was lost.
  static constexpr uint64_t kLongPatience = 60'000'000'000;

  Storage(Patterns patterns, Surroundings surroundings, CounterSet& counters);
  ~Storage();

  // FILE, FILE_IO, RENAME, PROBE, EXEC, FORK and EXIT events.
  void on_event(const Event& event);
  // Tells what has waited long enough. Call now and then with the events' clock.
  void sweep(uint64_t now);
  // The process is known to hold the engine's library or program.
  void has_engine(const Engine& engine, uint32_t pid) { presence_.has_engine(engine, pid); }

 private:
  struct Instance {
    std::unique_ptr<EngineTracer> tracer;
    struct Sync {
      uint64_t end;
      uint32_t tid;
      uint64_t served;  // calls that ended without one of their own
      SpanContextPtr span_context;
    };
    std::deque<Sync> syncs;  // the last few
  };
  using InstanceKey = std::pair<const Engine*, uint32_t>;

  class Entries;  // what tracers push
  void push(SpanTree tree);
  void on_file(const weft_ev_file& event);
  void on_io(const weft_ev_file_io& event, std::string_view bytes);
  void on_rename(const weft_ev_rename& event);
  void on_probe(const weft_ev_probe& event);
  void log_op(File& file, const FileOp& op);
  PendingIo pending_io_of(File& file, const FileOp& op);
  void keep(PendingIo io);
  void tell_alone(PendingIo io);
  void tell_call(const Engine& engine, const ProbeSpec& spec, ProbedCall call);
  void leave_parts(PendingIo call, uint16_t within);
  void forget(uint32_t pid);
  void end(uint32_t pid);  // of one that has done something
  uint32_t instance_of(uint32_t pid);
  Instance& instance(const Engine& engine, uint32_t pid);
  // Each engine's tracer of the instance that the process belongs to.
  void to_tracers(uint32_t pid, const std::function<void(EngineTracer&, EntrySink&)>& tell);
  const Engine* owner_of(const PendingIo& io) const;
  bool waited(const PendingIo& io, uint64_t now) const;
  static SpanContextPtr awaited(const Instance& instance, const IoSummary& summary, uint64_t since,
                                const ProbedCall& call);
  static void credit(Instance& instance, const SpanContextPtr& sync);
  void note_sync(const PendingIo& io);
  void measure(const PendingIo& io, std::string_view operation, const IoSummary& summary);

  Files files_;
  PendingIoTable pending_;
  Surroundings around_;
  std::map<InstanceKey, Instance> instances_;
  EnginePresence presence_;
  std::unordered_set<uint32_t> seen_from_start_;        // processes whose fork was seen
  std::unordered_map<uint32_t, uint32_t> instance_of_;  // by pid: those that did anything here
  Counter& unknown_;
  Counter& unclaimed_;
  Counter& folded_;
  Counter& told_;
};

}  // namespace weft::storage

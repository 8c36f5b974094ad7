// SPDX-License-Identifier: Apache-2.0
// Makes span trees of engines' probed calls and of the log I/O inside them.
#pragma once

#include <cstdint>
#include <unordered_set>
#include <vector>

#include "agent/base/counter.h"
#include "agent/storage/engine_presence.h"
#include "agent/storage/instances.h"
#include "agent/storage/log_io.h"
#include "agent/storage/output.h"

namespace weft::storage {

// Borrows what it is made of. One thread.
class Calls {
 public:
  Calls(LogIo& log_io, EnginePresence& presence, Instances& instances, Output& output,
        CounterSet& counters);

  // A call of an engine's function.
  void on_probe(const weft_ev_probe& event);
  // The agent saw the process start: its counters began at 0.
  void started(uint32_t pid) { seen_from_start_.insert(pid); }
  void ended(uint32_t pid) { seen_from_start_.erase(pid); }

 private:
  ProbedCall call_of(const weft_ev_probe& event) const;
  void emit(const Engine& engine, const ProbeSpec& spec, ProbedCall call);
  void add_wait(const Engine& engine, Instance& of, const ProbedCall& call, uint8_t number,
                std::vector<PendingIo>& inside);
  SpanContextPtr last_sync(const Instance& instance, const ProbeSpec& spec, const ProbedCall& call,
                           const IoSummary& summary) const;
  void leave_parts(PendingIo call, uint16_t within);

  LogIo& log_io_;
  EnginePresence& presence_;
  Instances& instances_;
  Output& output_;
  std::unordered_set<uint32_t> seen_from_start_;
  Counter& unknown_;
};

}  // namespace weft::storage

// SPDX-License-Identifier: Apache-2.0
// The running instances of engines, and which one each process belongs to: a server with all its
// processes, or a library in one process.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <unordered_map>
#include <utility>

#include "agent/port/engine.h"
#include "agent/storage/recent_syncs.h"

namespace weft::storage {

struct Instance {
  std::unique_ptr<EngineTracer> tracer;
  RecentSyncs syncs;
};

// One thread. Bounded by the number of live processes.
class Instances {
 public:
  // The process that represents the instance which `pid` belongs to: a server's first process.
  using Find = std::function<uint32_t(uint32_t pid)>;
  explicit Instances(Find find) : find_(std::move(find)) {}

  // Asks `find` once per process, which from then on uses a log or an engine.
  uint32_t of(uint32_t pid);
  // False: the process has used no log or engine.
  bool knows(uint32_t pid) const { return of_.contains(pid); }
  // The instance that the process belongs to; made when there is none. Valid until forget().
  Instance& get(const Engine& engine, uint32_t pid);

  using Visit = std::function<void(const Engine& engine, EngineTracer& tracer)>;
  // Each engine's tracer of the instance that the process belongs to.
  void each_of(uint32_t pid, const Visit& visit);
  void each(const Visit& visit);

  // The process ended, or executes another program.
  void forget(uint32_t pid);

 private:
  using Key = std::pair<const Engine*, uint32_t>;  // pid of the representing process
  Find find_;
  std::map<Key, Instance> instances_;
  std::unordered_map<uint32_t, uint32_t> of_;  // by pid
};

}  // namespace weft::storage

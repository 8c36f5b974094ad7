// SPDX-License-Identifier: Apache-2.0
// Where engines have been seen: which processes hold one, which threads have no calls of it
// around what they do, how many flushes had none.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <span>
#include <tuple>
#include <utility>

#include "agent/base/counter.h"
#include "agent/port/engine.h"

namespace weft::storage {

// One thread. Bounded by the processes that live and kMaxSilent.
class EnginePresence {
 public:
  static constexpr size_t kMaxSilent = 4096;  // beyond: all are waited for anew

  // Counts "weft.storage.uncalled" of each engine that has functions to probe.
  explicit EnginePresence(CounterSet& counters);

  // The process has the engine's library or program.
  void has_engine(const Engine& engine, uint32_t pid) { with_engine_.insert({pid, &engine}); }
  // The thread called it.
  void called(const Engine& engine, uint32_t pid, uint32_t tid);
  // No call came around what the thread did to a log.
  void not_called(const Engine& engine, uint32_t pid, uint32_t tid);
  // A flush is told by files alone.
  void flushed_uncalled(const Engine& engine);
  void forget(uint32_t pid);

  // Which of them the process holds; null: none, as far as is known.
  const Engine* holder(std::span<const Engine* const> engines, uint32_t pid) const;
  bool silent(const Engine& engine, uint32_t pid, uint32_t tid) const {
    return silent_.contains({pid, tid, &engine});
  }

 private:
  std::set<std::pair<uint32_t, const Engine*>> with_engine_;        // by pid
  std::set<std::tuple<uint32_t, uint32_t, const Engine*>> silent_;  // by pid and tid
  std::map<const Engine*, Counter*> uncalled_;
};

}  // namespace weft::storage

// SPDX-License-Identifier: Apache-2.0
// Where engines have been seen: which processes hold one, which threads do log I/O outside any
// probed call, and how many flushes had no enclosing call.
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

// One thread. Bounded by the number of live processes and by kMaxSilent.
class EnginePresence {
 public:
  static constexpr size_t kMaxSilent = 4096;  // when full, the set is cleared: full patience for
                                              // all again

  // Counts "weft.storage.inferred_flushes" for each engine that has functions to probe.
  explicit EnginePresence(CounterSet& counters);

  // The process has loaded the engine's library or executes its program.
  void has_engine(const Engine& engine, uint32_t pid) { with_engine_.insert({pid, &engine}); }
  // The thread called the engine.
  void called(const Engine& engine, uint32_t pid, uint32_t tid);
  // The thread did log I/O outside any probed call.
  void not_called(const Engine& engine, uint32_t pid, uint32_t tid);
  // A flush was inferred from file I/O only.
  void flush_inferred(const Engine& engine);
  void forget(uint32_t pid);

  // Which of these engines the process holds; null: none known.
  const Engine* holder(std::span<const Engine* const> engines, uint32_t pid) const;
  bool silent(const Engine& engine, uint32_t pid, uint32_t tid) const {
    return silent_.contains({pid, tid, &engine});
  }

 private:
  std::set<std::pair<uint32_t, const Engine*>> with_engine_;        // by pid
  std::set<std::tuple<uint32_t, uint32_t, const Engine*>> silent_;  // by pid and tid
  std::map<const Engine*, Counter*> inferred_;
};

}  // namespace weft::storage

// SPDX-License-Identifier: Apache-2.0
#include "agent/storage/engine_presence.h"

#include <algorithm>

namespace weft::storage {

EnginePresence::EnginePresence(CounterSet& counters) {
  for (const Engine& engine : engines()) {
    if (engine.target.probes.empty()) continue;
    inferred_[&engine] = &counters.get("weft.storage.inferred_flushes",
                                       {{"engine", std::string(engine.target.name)}});
  }
}

void EnginePresence::called(const Engine& engine, uint32_t pid, uint32_t tid) {
  has_engine(engine, pid);
  silent_.erase({pid, tid, &engine});
}

void EnginePresence::not_called(const Engine& engine, uint32_t pid, uint32_t tid) {
  if (silent_.size() >= kMaxSilent) silent_.clear();
  silent_.insert({pid, tid, &engine});
}

void EnginePresence::flush_inferred(const Engine& engine) {
  const auto counter = inferred_.find(&engine);
  if (counter != inferred_.end()) counter->second->add();
}

void EnginePresence::forget(uint32_t pid) {
  const Engine* const none = nullptr;  // null sorts before every other pointer
  const auto of_pid = [pid](auto& all, const auto& first) {
    for (auto it = all.lower_bound(first); it != all.end() && std::get<0>(*it) == pid;)
      it = all.erase(it);
  };
  of_pid(with_engine_, std::pair(pid, none));
  of_pid(silent_, std::tuple(pid, 0u, none));
}

const Engine* EnginePresence::holder(std::span<const Engine* const> engines, uint32_t pid) const {
  const auto found = std::ranges::find_if(engines, [&](const Engine* engine) {
    return with_engine_.contains({pid, engine});
  });
  return found == engines.end() ? nullptr : *found;
}

}  // namespace weft::storage

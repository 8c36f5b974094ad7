// SPDX-License-Identifier: Apache-2.0
#include "agent/storage/instances.h"

namespace weft::storage {

uint32_t Instances::of(uint32_t pid) {
  const auto known = of_.find(pid);
  if (known != of_.end()) return known->second;
  return of_[pid] = find_(pid);
}

Instance& Instances::get(const Engine& engine, uint32_t pid) {
  Instance& found = instances_[{&engine, of(pid)}];
  if (!found.tracer) found.tracer = engine.make();
  return found;
}

void Instances::each_of(uint32_t pid, const Visit& visit) {
  const auto known = of_.find(pid);
  if (known == of_.end()) return;
  const uint32_t of = known->second;  // a visit may add to of_
  for (auto& [key, instance] : instances_) {
    if (key.second == of) visit(*key.first, *instance.tracer);
  }
}

void Instances::each(const Visit& visit) {
  for (auto& [key, instance] : instances_) visit(*key.first, *instance.tracer);
}

void Instances::forget(uint32_t pid) {
  of_.erase(pid);
  // Also when the server's first process has done nothing itself.
  std::erase_if(instances_, [&](const auto& e) { return e.first.second == pid; });
}

}  // namespace weft::storage

// SPDX-License-Identifier: Apache-2.0
#include "agent/storage/recent_syncs.h"

#include <utility>

namespace weft::storage {

std::optional<uint64_t> RecentSyncs::add(uint64_t end, uint32_t tid, SpanContextPtr span_context) {
  std::optional<uint64_t> group;
  if (syncs_.size() >= kKept) {
    group = syncs_.front().served + 1;
    syncs_.pop_front();
  }
  syncs_.push_back({end, tid, 0, std::move(span_context)});
  return group;
}

const RecentSyncs::Sync* RecentSyncs::awaited(uint64_t since, const Stamp& by) const {
  for (auto it = syncs_.rbegin(); it != syncs_.rend(); ++it) {
    if (it->end < since) return nullptr;
    if (it->end <= by.time && it->tid != by.tid) return &*it;
  }
  return nullptr;
}

void RecentSyncs::credit(const SpanContextPtr& sync) {
  for (Sync& kept : syncs_) {
    if (kept.span_context == sync) ++kept.served;
  }
}

}  // namespace weft::storage

// SPDX-License-Identifier: Apache-2.0
// The last syncs of an instance: which one a call waited for, and how many commits each made
// durable.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>

#include "agent/port/exchange.h"
#include "agent/port/span_tree.h"

namespace weft::storage {

// One thread. Bounded by kKept.
class RecentSyncs {
 public:
  static constexpr size_t kKept = 8;
  struct Sync {
    uint64_t end;
    uint32_t tid;
    uint64_t served;  // calls without their own sync
    SpanContextPtr span_context;
  };

  // A sync by thread `tid` ended (times: CLOCK_MONOTONIC ns). Returns the group of the sync that
  // had to make room: how many commits it served, its own included.
  std::optional<uint64_t> add(uint64_t end, uint32_t tid, SpanContextPtr span_context);
  // The last sync by another thread that ended from `since` until by.time. The holder of a log's
  // lock syncs and then releases it: this is the sync that the thread waited for. Null: none.
  // Valid until the next add().
  const Sync* awaited(uint64_t since, const Stamp& by) const;
  // A call that ended without its own sync was served by this one.
  void credit(const SpanContextPtr& sync);

 private:
  std::deque<Sync> syncs_;  // by the order of their records
};

}  // namespace weft::storage

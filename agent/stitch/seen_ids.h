// SPDX-License-Identifier: Apache-2.0
// Span ids seen in a traceparent: each may become the id of at most one span.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "agent/base/ids.h"

namespace weft {

// A set of recently used ids. One thread. Bounded: an id that is not used again is forgotten after
// kKept to 2·kKept other ids, and then counts as new. 1 MiB; none before the first insert().
class SeenIds {
 public:
  static constexpr size_t kKept = 32768;

  // True: the id is new. Afterwards it is not.
  bool insert(const SpanId& id);

 private:
  // Open addressing, at most half full; 0 is a free slot, since no id is 0.
  using Slots = std::vector<uint64_t>;
  uint64_t& slot(Slots& slots, uint64_t id) const;

  Slots recent_, older_;
  size_t count_ = 0;  // ids in recent_
  // Applications choose the ids: without a seed they could all fall into one slot.
  const uint64_t seed_ = to_u64(SpanId::random()) | 1;
};

}  // namespace weft

// SPDX-License-Identifier: Apache-2.0
// Span ids that came by in a traceparent: each may become the id of one span at most.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "agent/base/ids.h"

namespace weft {

// A set of the ids used last. One thread. Bounded: an id that is not used again is forgotten
// after kKept to 2·kKept others (from then on it counts as new); 1 MiB, none before the first.
class SeenIds {
 public:
  static constexpr size_t kKept = 32768;

  // Whether the id is new. From now on it is not.
  bool insert(const SpanId& id);

 private:
  // Open addressing, at most half full; 0 is a free slot, for no id is 0.
  using Slots = std::vector<uint64_t>;
  uint64_t& slot(Slots& slots, uint64_t id) const;

  Slots recent_, older_;
  size_t count_ = 0;  // of recent_
  // The ids are the applications' choice: without it they could choose one slot.
  const uint64_t seed_ = to_u64(SpanId::random()) | 1;
};

}  // namespace weft

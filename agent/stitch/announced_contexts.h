// SPDX-License-Identifier: Apache-2.0
// Trace contexts that the kernel side announced for exchanges that have not begun here yet.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <unordered_map>

#include "bpf/abi/weft_event.h"

namespace weft {

// One thread. Bounded: an exchange begins right after its context, so the oldest are forgotten.
class AnnouncedContexts {
 public:
  static constexpr size_t kMost = 1024;

  void add(const weft_ev_context& context);
  // Removes and returns it; none: nothing was announced.
  std::optional<weft_ev_context> take(uint64_t exchange_id);
  size_t size() const { return contexts_.size(); }

 private:
  std::unordered_map<uint64_t, weft_ev_context> contexts_;
  std::deque<uint64_t> order_;  // oldest first; also of those taken
};

}  // namespace weft

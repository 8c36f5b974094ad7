// SPDX-License-Identifier: Apache-2.0
#include "agent/stitch/seen_ids.h"

#include <utility>

namespace weft {
namespace {

constexpr size_t kSlots = 2 * SeenIds::kKept;
constexpr int kSlotBits = 16;
static_assert(kSlots == size_t{1} << kSlotBits);

}  // namespace

// The slot where the id is, or would be inserted.
uint64_t& SeenIds::slot(Slots& slots, uint64_t id) const {
  const uint64_t mixed = (id ^ id >> 32 ^ seed_) * (0x9e3779b97f4a7c15u ^ seed_ << 1);
  size_t at = mixed >> (64 - kSlotBits);
  while (slots[at] != 0 && slots[at] != id) at = (at + 1) % kSlots;
  return slots[at];
}

bool SeenIds::insert(const SpanId& id) {
  recent_.resize(kSlots);  // no effect after the first call
  older_.resize(kSlots);
  const uint64_t value = to_u64(id);
  uint64_t& place = slot(recent_, value);
  if (place == value) return false;
  const bool is_new = slot(older_, value) != value;
  place = value;
  if (++count_ == kKept) {
    std::swap(recent_, older_);
    recent_.assign(kSlots, 0);
    count_ = 0;
  }
  return is_new;
}

}  // namespace weft

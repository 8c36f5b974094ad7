// SPDX-License-Identifier: Apache-2.0
// The reader's side of the lanes, memory that the programs of each CPU write: bpf/abi/weft_lane.h.
#pragma once

#include <cstddef>
#include <cstdint>

#include "agent/base/result.h"
#include "agent/kernel/drain.h"
#include "bpf/abi/weft_lane.h"

namespace weft::kernel {

// The map "lanes" as the programs and this process share it.
struct LaneMap {
  int fd = -1;         // -1: there are no lanes
  uint32_t count = 0;  // possible CPUs
  uint32_t bytes = 0;  // of records in each, a power of two
};

// Owns the mapping, not the descriptor. One thread.
class Lanes {
 public:
  static Result<Lanes> map(const LaneMap& map);
  Lanes(Lanes&& other) noexcept;
  Lanes& operator=(Lanes&&) = delete;
  ~Lanes();

  size_t size() const { return map_.count; }
  // Passes records, oldest first, until the lane is empty or the taker returns false.
  void consume(size_t lane, Rings::Taker& taker);
  // Valid as long as this object.
  weft_lane& at(size_t lane);

 private:
  Lanes(const LaneMap& map, char* memory) : map_(map), memory_(memory) {}

  LaneMap map_;
  char* memory_;
};

}  // namespace weft::kernel

// SPDX-License-Identifier: Apache-2.0
// How much memory the records of one CPU get.
#pragma once

#include <cstdint>

namespace weft::kernel {

// Of its lane, beside which its ring has half as much; without lanes, of its ring. wanted: 0, or
// the answer. cpus: possible ones.
inline uint32_t record_bytes(uint32_t wanted, uint32_t cpus, bool lanes) {
  constexpr uint32_t kLeast = 256 * 1024;
  constexpr uint32_t kMost = 2 * 1024 * 1024;  // resident in the agent, rings twice
  constexpr uint32_t kOfAll = 16 * 1024 * 1024;
  if (wanted != 0) return wanted;
  const auto both = [&](uint32_t size) { return lanes ? size + size / 2 : size; };
  uint32_t size = kMost;
  while (size > kLeast && both(size) * cpus > kOfAll) size /= 2;
  return size;
}

}  // namespace weft::kernel

// SPDX-License-Identifier: Apache-2.0
#include "agent/kernel/lanes.h"

#include <atomic>
#include <cerrno>
#include <cstring>
#include <string>
#include <sys/mman.h>
#include <utility>

namespace weft::kernel {
namespace {

size_t value_size(const LaneMap& map) {
  return WEFT_LANE_VALUE(map.bytes);
}

// Size of the record and of the room it takes; a record that cannot be is 0 and takes all.
std::pair<size_t, uint64_t> extent(const char* record, uint64_t unread) {
  const size_t size = reinterpret_cast<const weft_event*>(record)->size;
  const uint64_t room = (size + 7) & ~uint64_t{7};
  if (size < sizeof(weft_event) || size > WEFT_LANE_RECORD || room > unread) return {0, unread};
  return {size, room};
}

}  // namespace

Result<Lanes> Lanes::map(const LaneMap& map) {
  if (map.fd < 0) return Lanes({}, nullptr);
  void* memory =
      mmap(nullptr, value_size(map) * map.count, PROT_READ | PROT_WRITE, MAP_SHARED, map.fd, 0);
  if (memory == MAP_FAILED) {
    return fail(ExitCode::kKernelRefused,
                std::string("cannot map the lanes: ") + std::strerror(errno));
  }
  return Lanes(map, static_cast<char*>(memory));
}

Lanes::Lanes(Lanes&& other) noexcept
    : map_(std::exchange(other.map_, {})), memory_(std::exchange(other.memory_, nullptr)) {}

Lanes::~Lanes() {
  if (memory_) munmap(memory_, value_size(map_) * map_.count);
}

weft_lane& Lanes::at(size_t lane) {
  return *reinterpret_cast<weft_lane*>(memory_ + lane * value_size(map_));
}

void Lanes::consume(size_t lane, Rings::Taker& taker) {
  weft_lane& shared = at(lane);
  const char* records = reinterpret_cast<const char*>(&shared + 1);
  const uint64_t head = std::atomic_ref(shared.head).load(std::memory_order_acquire);
  uint64_t tail = shared.tail;
  for (bool more = true; more && tail != head;) {
    const char* record = records + (tail & (map_.bytes - 1));
    const auto [size, room] = extent(record, head - tail);
    tail += room;
    more = taker.take({record, size});
  }
  std::atomic_ref(shared.tail).store(tail, std::memory_order_release);
}

}  // namespace weft::kernel

// SPDX-License-Identifier: Apache-2.0
// The kernel stamps events with CLOCK_MONOTONIC; spans carry Unix time. The conversion
// happens once, when a span is built.
#pragma once

#include <cstdint>
#include <ctime>

namespace weft {

inline uint64_t now_ns(clockid_t clock) {
  timespec t{};
  clock_gettime(clock, &t);
  return static_cast<uint64_t>(t.tv_sec) * 1'000'000'000u + static_cast<uint64_t>(t.tv_nsec);
}
inline uint64_t monotonic_ns() {
  return now_ns(CLOCK_MONOTONIC);
}
// The same clock as of the kernel's last tick, 1 to 10 ms ago: reads no hardware.
inline uint64_t coarse_monotonic_ns() {
  return now_ns(CLOCK_MONOTONIC_COARSE);
}
inline uint64_t unix_ns() {
  return now_ns(CLOCK_REALTIME);
}

// Offset from monotonic to Unix time, in ns. Live: WallClock::now(), renewed every few
// seconds to follow NTP. Replay: the offset stored in the recording. A plain value.
struct WallClock {
  int64_t offset = 0;

  static WallClock now() {
    const uint64_t before = monotonic_ns();
    const uint64_t unix_time = unix_ns();
    const uint64_t after = monotonic_ns();
    return {static_cast<int64_t>(unix_time) - static_cast<int64_t>(before + (after - before) / 2)};
  }
  // Modulo 2^64: a damaged recording may hold any value.
  uint64_t to_unix(uint64_t monotonic) const { return monotonic + static_cast<uint64_t>(offset); }
};

}  // namespace weft

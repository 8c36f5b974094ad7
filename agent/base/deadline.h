// SPDX-License-Identifier: Apache-2.0
// The time by which a blocking call must return. The caller may bring it forward from another
// thread: that is how a shutdown ends a delivery in progress.
#pragma once

#include <atomic>
#include <chrono>

namespace weft {

class Deadline {
 public:
  using Clock = std::chrono::steady_clock;

  explicit Deadline(Clock::time_point at) : at_(at.time_since_epoch().count()) {}
  static Deadline in(std::chrono::milliseconds time) { return Deadline(Clock::now() + time); }

  // Never negative. Any thread.
  std::chrono::milliseconds left() const {
    const Clock::time_point at{Clock::duration(at_.load(std::memory_order_relaxed))};
    const Clock::duration rest = at - Clock::now();
    if (rest <= Clock::duration::zero()) return std::chrono::milliseconds(0);
    return std::chrono::ceil<std::chrono::milliseconds>(rest);
  }
  bool passed() const { return left() == std::chrono::milliseconds(0); }
  // Brings the deadline forward, never back. Any thread.
  void pull_in(Clock::time_point to) {
    const Clock::rep wanted = to.time_since_epoch().count();
    Clock::rep now = at_.load(std::memory_order_relaxed);
    while (wanted < now && !at_.compare_exchange_weak(now, wanted, std::memory_order_relaxed)) {
    }
  }

 private:
  std::atomic<Clock::rep> at_;
};

}  // namespace weft

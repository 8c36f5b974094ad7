// SPDX-License-Identifier: Apache-2.0
// The moment by which a blocking call must be over. Whoever made the call may bring it
// nearer from another thread: that is how a shutdown ends a delivery under way.
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
  // Only ever moves it nearer. Any thread.
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

// SPDX-License-Identifier: Apache-2.0
// A worker thread's clock and waiting; tests use a manual clock.
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>

namespace weft {

class Pacer {
 public:
  using Clock = std::chrono::steady_clock;
  using TimePoint = Clock::time_point;

  virtual ~Pacer() = default;
  virtual TimePoint now() const = 0;
  // As condition_variable::wait_until: returns at `until`, when notified, or spuriously.
  virtual void wait(std::unique_lock<std::mutex>& lock, std::condition_variable& wake,
                    TimePoint until) = 0;

  // The steady clock. Never destroyed; any thread.
  static Pacer& steady();
};

}  // namespace weft

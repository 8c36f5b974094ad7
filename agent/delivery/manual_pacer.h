// SPDX-License-Identifier: Apache-2.0
// For tests: time that stands still until the test advances it.
#pragma once

#include <atomic>

#include "agent/delivery/pacer.h"

namespace weft {

// For one worker that waits and one test that advances the clock.
class ManualPacer final : public Pacer {
 public:
  TimePoint now() const override { return TimePoint(Clock::duration(now_.load())); }

  void wait(std::unique_lock<std::mutex>& lock, std::condition_variable& wake,
            TimePoint until) override {
    {
      const std::lock_guard own(mutex_);
      waiting_ = {&wake, lock.mutex(), until};
    }
    arrived_.notify_all();
    wake.wait(lock);
    const std::lock_guard own(mutex_);
    waiting_ = {};
  }

  // Blocks until the worker waits for a time in the future, not only for a notification; returns
  // how far off that is.
  Clock::duration asleep_for() {
    std::unique_lock own(mutex_);
    arrived_.wait(own, [&] {
      return waiting_.wake && waiting_.until > now() && waiting_.until != TimePoint::max();
    });
    return waiting_.until - now();
  }

  void advance(Clock::duration by) {
    Waiting waiting;
    {
      const std::lock_guard own(mutex_);
      now_ += by.count();
      waiting = waiting_;
    }
    if (!waiting.wake) return;
    // While its mutex is held, the worker is either asleep or has not yet read the clock.
    const std::lock_guard worker(*waiting.mutex);
    waiting.wake->notify_all();
  }

 private:
  struct Waiting {
    std::condition_variable* wake = nullptr;
    std::mutex* mutex = nullptr;
    TimePoint until{};
  };
  std::atomic<Clock::rep> now_{Clock::now().time_since_epoch().count()};
  std::mutex mutex_;
  std::condition_variable arrived_;
  Waiting waiting_;
};

}  // namespace weft

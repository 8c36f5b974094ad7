// SPDX-License-Identifier: Apache-2.0
// Passes reports from the pipeline's thread to the admin endpoint's, made only on request.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>

#include "agent/admin/status.h"

namespace weft::app {

class StatusBoard {
 public:
  // Any thread. Returns a fresh report, or the last one if none comes in time (the agent is
  // starting, or its pipeline thread is busy).
  StatusReport get(std::chrono::milliseconds patience = std::chrono::milliseconds(500)) {
    std::unique_lock lock(mutex_);
    const uint64_t wanted = generation_ + 1;
    asked_ = true;
    changed_.wait_for(lock, patience, [&] { return generation_ >= wanted; });
    return report_;
  }
  // Called on the pipeline's thread.
  bool asked() const { return asked_; }
  void publish(StatusReport report) {
    const std::lock_guard lock(mutex_);
    report_ = std::move(report);
    ++generation_;
    asked_ = false;
    changed_.notify_all();
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::atomic<bool> asked_{false};
  StatusReport report_;
  uint64_t generation_ = 0;
};

}  // namespace weft::app

// SPDX-License-Identifier: Apache-2.0
// Repeats an attempt, with waits between, until it succeeds, is refused or is given up.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <random>

#include "agent/delivery/delivery_stats.h"
#include "agent/delivery/pacer.h"
#include "agent/delivery/retry.h"

namespace weft {

class RetryLoop {
 public:
  using TimePoint = Pacer::TimePoint;
  using Attempt = std::function<Delivery(const Deadline&)>;

  // timeout: for one attempt. `stats` and `pacer` must outlive it.
  RetryLoop(const RetryRules& rules, std::chrono::milliseconds timeout, DeliveryStats& stats,
            Pacer& pacer);

  // Returns the last attempt's outcome; kRetry: given up, because of the batch's age or the
  // shutdown. One thread.
  Delivery run(const Attempt& attempt);

  // Ends a wait for the next attempt at once and allows only one more attempt, unless the server
  // named a time before the deadline. Any thread.
  void begin_stop(TimePoint deadline);
  bool stopping() const;
  TimePoint stop_deadline() const;

 private:
  Delivery attempt_once(const Attempt& attempt);
  bool wait_for_retry(const Delivery& delivery, TimePoint first_attempt, Backoff& backoff);
  bool sleep_until(TimePoint until, bool by_server);

  const RetryRules rules_;
  const std::chrono::milliseconds timeout_;
  DeliveryStats& stats_;
  Pacer& pacer_;
  std::minstd_rand random_;

  mutable std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;
  TimePoint stop_deadline_{};
  Deadline* running_ = nullptr;  // deadline of the current attempt
};

}  // namespace weft

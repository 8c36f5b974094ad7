// SPDX-License-Identifier: Apache-2.0
#include "agent/delivery/retry_loop.h"

#include <algorithm>

namespace weft {

using std::chrono::milliseconds;

RetryLoop::RetryLoop(const RetryRules& rules, milliseconds timeout, DeliveryStats& stats,
                     Pacer& pacer)
    : rules_(rules),
      timeout_(timeout),
      stats_(stats),
      pacer_(pacer),
      random_(std::random_device{}()) {}

Delivery RetryLoop::run(const Attempt& attempt) {
  const TimePoint first_attempt = pacer_.now();
  Backoff backoff(rules_);
  for (;;) {
    Delivery delivery = attempt_once(attempt);
    stats_.report(delivery);
    if (delivery.kind != Delivery::Kind::kRetry) return delivery;
    if (!wait_for_retry(delivery, first_attempt, backoff)) return delivery;
    stats_.retried();
  }
}

Delivery RetryLoop::attempt_once(const Attempt& attempt) {
  Deadline deadline(pacer_.now() + timeout_);
  {
    const std::lock_guard lock(mutex_);
    if (stopping_) deadline.pull_in(stop_deadline_);
    running_ = &deadline;
  }
  Delivery delivery = attempt(deadline);
  const std::lock_guard lock(mutex_);
  running_ = nullptr;
  return delivery;
}

// False: give up, because of the batch's age or the shutdown.
bool RetryLoop::wait_for_retry(const Delivery& delivery, TimePoint first_attempt,
                               Backoff& backoff) {
  const TimePoint now = pacer_.now();
  const auto spent = std::chrono::duration_cast<milliseconds>(now - first_attempt);
  const double random = std::generate_canonical<double, 32>(random_);
  const auto wait = backoff.next(spent, delivery.retry_after, random);
  return wait && sleep_until(now + *wait, delivery.retry_after.has_value());
}

bool RetryLoop::sleep_until(TimePoint until, bool by_server) {
  std::unique_lock lock(mutex_);
  const bool was_stopping = stopping_;
  while (pacer_.now() < until) {
    if (stopping_) {
      // A shutdown that begins during this wait allows one immediate attempt. If it began earlier,
      // wait only if the server named a time.
      if (!was_stopping && !by_server) return true;
      if (!by_server || until >= stop_deadline_) return false;
    }
    pacer_.wait(lock, wake_, until);
  }
  return true;
}

void RetryLoop::begin_stop(TimePoint deadline) {
  const std::lock_guard lock(mutex_);
  stop_deadline_ = stopping_ ? std::min(stop_deadline_, deadline) : deadline;
  stopping_ = true;
  if (running_) running_->pull_in(stop_deadline_);
  wake_.notify_one();
}

bool RetryLoop::stopping() const {
  const std::lock_guard lock(mutex_);
  return stopping_;
}

RetryLoop::TimePoint RetryLoop::stop_deadline() const {
  const std::lock_guard lock(mutex_);
  return stop_deadline_;
}

}  // namespace weft

// SPDX-License-Identifier: Apache-2.0
#include "agent/pipeline/batcher.h"

#include <algorithm>
#include <pthread.h>
#include <spdlog/spdlog.h>

#include "agent/base/signals.h"

namespace weft {
namespace {

using std::chrono::milliseconds;

BatchOptions usable(BatchOptions options) {
  options.max_queue_size = std::max(options.max_queue_size, 1u);
  options.max_export_batch_size =
      std::clamp(options.max_export_batch_size, 1u, options.max_queue_size);
  return options;
}

}  // namespace

Batcher::Counts Batcher::counts_of(CounterSet& counters, const std::string& name) {
  const auto dropped = [&](const char* cause) -> Counter& {
    return counters.get("weft.exporter.spans.dropped", {{"exporter", name}, {"cause", cause}});
  };
  return {.delivered = counters.get("weft.exporter.spans.delivered", {{"exporter", name}}),
          .queue_full = dropped("queue_full"),
          .refused = dropped("refused"),
          .rejected = dropped("rejected"),
          .retry_exhausted = dropped("retry_exhausted"),
          .shutdown = dropped("shutdown"),
          .retries = counters.get("weft.exporter.retries", {{"exporter", name}})};
}

Batcher::Batcher(std::string name, std::unique_ptr<Exporter> exporter, const BatchOptions& options,
                 bool immediate, CounterSet& counters, const RetryRules& retry, Pacer& pacer)
    : name_(std::move(name)),
      exporter_(std::move(exporter)),
      options_(usable(options)),
      immediate_(immediate),
      retry_(retry),
      pacer_(pacer),
      counts_(counts_of(counters, name_)),
      random_(std::random_device{}()) {
  // The new thread inherits it; a broken connection is an error value, not SIGPIPE.
  const AllSignalsBlocked blocked;
  worker_ = std::thread([this] { run(); });
  pthread_setname_np(worker_.native_handle(), ("exp:" + name_).substr(0, 15).c_str());
}

Batcher::~Batcher() {
  if (worker_.joinable()) stop(pacer_.now());
}

void Batcher::push(SpanPtr span) {
  const std::lock_guard lock(mutex_);
  if (stopping_) return counts_.shutdown.add();
  if (queue_.size() >= options_.max_queue_size) return counts_.queue_full.add();
  if (queue_.empty()) oldest_ = pacer_.now();
  queue_.push_back(std::move(span));
  ++accepted_;
  // The worker needs to know of the first span (its timer starts) and of a full batch.
  if (queue_.size() == 1 || queue_.size() == options_.max_export_batch_size) wake_.notify_one();
}

uint64_t Batcher::begin_flush() {
  const std::lock_guard lock(mutex_);
  flush_up_to_ = accepted_;
  wake_.notify_one();
  return accepted_;
}

bool Batcher::flush(TimePoint deadline) {
  const uint64_t target = begin_flush();
  std::unique_lock lock(mutex_);
  return settled_.wait_until(lock, deadline, [&] { return done_ >= target; });
}

Batcher::State Batcher::state() const {
  const std::lock_guard lock(mutex_);
  return {name_, queue_.size(), options_.max_queue_size, fault_};
}

void Batcher::begin_stop(TimePoint deadline) {
  const std::lock_guard lock(mutex_);
  stop_deadline_ = stopping_ ? std::min(stop_deadline_, deadline) : deadline;
  stopping_ = true;
  if (running_) running_->pull_in(stop_deadline_);
  wake_.notify_one();
}

bool Batcher::stop(TimePoint deadline) {
  begin_stop(deadline);
  if (worker_.joinable()) {
    worker_.join();
    sum_up();
  }
  exporter_.reset();
  return counts_.shutdown.value() == 0;
}

// The status goes with the agent: what was lost is said once more.
void Batcher::sum_up() const {
  const std::pair<const char*, const Counter&> losses[] = {
      {"queue full", counts_.queue_full},
      {"refused", counts_.refused},
      {"rejected", counts_.rejected},
      {"retries exhausted", counts_.retry_exhausted},
      {"not delivered before the end", counts_.shutdown}};
  std::string causes;
  for (const auto& [cause, counter] : losses) {
    if (counter.value() == 0) continue;
    causes += (causes.empty() ? "" : ", ") + std::to_string(counter.value()) + " " + cause;
  }
  if (causes.empty()) return;
  spdlog::warn("exporter {}: {} spans delivered; lost: {}", name_, counts_.delivered.value(),
               causes);
}

void Batcher::run() {
  while (const std::optional<Batch> batch = next_batch()) settle(*batch);
}

bool Batcher::ready(TimePoint now) const {
  if (stopping_ || (tick_ && now >= *tick_)) return true;
  if (queue_.empty()) return false;
  return immediate_ || queue_.size() >= options_.max_export_batch_size || flush_up_to_ > done_ ||
         now >= oldest_ + options_.schedule_delay;
}

Batcher::TimePoint Batcher::next_wake() const {
  TimePoint at = tick_.value_or(TimePoint::max());
  if (!queue_.empty()) at = std::min(at, oldest_ + options_.schedule_delay);
  return at;
}

// Nothing: the worker is to end.
std::optional<Batcher::Batch> Batcher::next_batch() {
  std::unique_lock lock(mutex_);
  while (!ready(pacer_.now())) pacer_.wait(lock, wake_, next_wake());
  if (!stopping_) return take();
  if (queue_.empty()) return std::nullopt;
  if (pacer_.now() < stop_deadline_) return take();
  counts_.shutdown.add(queue_.size());
  done_ += queue_.size();
  queue_.clear();
  settled_.notify_all();
  return std::nullopt;
}

Batcher::Batch Batcher::take() {
  const size_t n = std::min<size_t>(queue_.size(), options_.max_export_batch_size);
  const auto last = queue_.begin() + static_cast<ptrdiff_t>(n);
  Batch batch(std::make_move_iterator(queue_.begin()), std::make_move_iterator(last));
  queue_.erase(queue_.begin(), last);
  oldest_ = pacer_.now();
  tick_.reset();
  return batch;
}

void Batcher::settle(const Batch& batch) {
  const TimePoint first_attempt = pacer_.now();
  Backoff backoff(retry_);
  for (;;) {
    const Delivery delivery = attempt(batch);
    report(delivery);
    if (delivery.kind != Delivery::Kind::kRetry) return account(batch, delivery);
    if (!wait_for_retry(delivery, first_attempt, backoff)) return account(batch, delivery);
    counts_.retries.add();
  }
}

Delivery Batcher::attempt(const Batch& batch) {
  Deadline deadline(pacer_.now() + options_.export_timeout);
  {
    const std::lock_guard lock(mutex_);
    if (stopping_) deadline.pull_in(stop_deadline_);
    running_ = &deadline;
  }
  Delivery delivery = exporter_->deliver(batch, deadline);
  const std::lock_guard lock(mutex_);
  running_ = nullptr;
  if (delivery.call_again) tick_ = pacer_.now() + *delivery.call_again;
  return delivery;
}

// False: give the batch up, because of its age or because of the shutdown.
bool Batcher::wait_for_retry(const Delivery& delivery, TimePoint first_attempt, Backoff& backoff) {
  const TimePoint now = pacer_.now();
  const auto spent = std::chrono::duration_cast<milliseconds>(now - first_attempt);
  const double random = std::generate_canonical<double, 32>(random_);
  const auto wait = backoff.next(spent, delivery.retry_after, random);
  return wait && sleep_until(now + *wait, delivery.retry_after.has_value());
}

bool Batcher::sleep_until(TimePoint until, bool by_server) {
  std::unique_lock lock(mutex_);
  const bool was_stopping = stopping_;
  while (pacer_.now() < until) {
    if (stopping_) {
      // A shutdown that begins here buys one immediate attempt; one that began earlier
      // waits only where the server promised a time.
      if (!was_stopping && !by_server) return true;
      if (!by_server || until >= stop_deadline_) return false;
    }
    pacer_.wait(lock, wake_, until);
  }
  return true;
}

void Batcher::account(const Batch& batch, const Delivery& delivery) {
  const std::lock_guard lock(mutex_);
  const uint64_t n = batch.size();
  switch (delivery.kind) {
    case Delivery::Kind::kDelivered: {
      const uint64_t rejected = std::min(delivery.rejected, n);
      counts_.delivered.add(n - rejected);
      counts_.rejected.add(rejected);
      break;
    }
    case Delivery::Kind::kRefused:
      counts_.refused.add(n);
      break;
    case Delivery::Kind::kRetry:
      (stopping_ ? counts_.shutdown : counts_.retry_exhausted).add(n);
      break;
  }
  done_ += n;
  settled_.notify_all();
}

void Batcher::report(const Delivery& delivery) {
  const std::string& fault = delivery.message;
  {
    const std::lock_guard lock(mutex_);
    if (fault == fault_) return;
    fault_ = fault;
  }
  if (fault.empty()) {
    spdlog::info("exporter {}: working again", name_);
  } else {
    spdlog::warn("exporter {}: {}", name_, fault);
  }
}

}  // namespace weft

// SPDX-License-Identifier: Apache-2.0
#include "agent/delivery/batcher.h"

#include <algorithm>
#include <pthread.h>

#include "agent/base/signals.h"

namespace weft {
namespace {

BatchOptions usable(BatchOptions options) {
  options.max_queue_size = std::max(options.max_queue_size, 1u);
  options.max_export_batch_size =
      std::clamp(options.max_export_batch_size, 1u, options.max_queue_size);
  return options;
}

}  // namespace

Batcher::Batcher(std::unique_ptr<DeliveryStats> stats, std::unique_ptr<Exporter> exporter,
                 const BatchOptions& options, bool immediate, const RetryRules& retry, Pacer& pacer)
    : stats_(std::move(stats)),
      exporter_(std::move(exporter)),
      options_(usable(options)),
      immediate_(immediate),
      pacer_(pacer),
      retries_(retry, options_.export_timeout, *stats_, pacer) {
  // The new thread inherits the mask; a broken connection gives an error value, not SIGPIPE.
  const AllSignalsBlocked blocked;
  worker_ = std::thread([this] { run(); });
  pthread_setname_np(worker_.native_handle(), ("exp:" + stats_->name()).substr(0, 15).c_str());
}

Batcher::~Batcher() {
  if (worker_.joinable()) stop(pacer_.now());
}

void Batcher::push(SpanPtr span) {
  const std::lock_guard lock(mutex_);
  if (stopping_) return stats_->drop("shutdown");
  if (queue_.size() >= options_.max_queue_size) return stats_->drop("queue_full");
  exporter_->accepted(1);
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
  const auto stored = exporter_ ? exporter_->backlog() : Exporter::Backlog{};
  const std::string fault = stats_->fault();
  return {.name = stats_->name(),
          .queued = queue_.size(),
          .capacity = options_.max_queue_size,
          .stored_spans = stored.spans,
          .stored_bytes = stored.bytes,
          .fault = fault.empty() ? stored.fault : fault,
          .last_success = std::max(stats_->last_success(), stored.last_success)};
}

void Batcher::begin_stop(TimePoint deadline) {
  retries_.begin_stop(deadline);
  const std::lock_guard lock(mutex_);
  stopping_ = true;
  wake_.notify_one();
}

bool Batcher::stop(TimePoint deadline) {
  begin_stop(deadline);
  if (worker_.joinable()) {
    worker_.join();
    exporter_->finish(Deadline(retries_.stop_deadline()));
    stats_->sum_up();
  }
  const std::lock_guard lock(mutex_);
  exporter_.reset();
  return stats_->dropped("shutdown") == 0;
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

// None: the worker should end.
std::optional<Batcher::Batch> Batcher::next_batch() {
  std::unique_lock lock(mutex_);
  while (!ready(pacer_.now())) pacer_.wait(lock, wake_, next_wake());
  if (!stopping_) return take();
  if (queue_.empty()) return std::nullopt;
  if (pacer_.now() < retries_.stop_deadline()) return take();
  drop_rest();
  return std::nullopt;
}

void Batcher::drop_rest() {
  stats_->drop("shutdown", queue_.size());
  exporter_->dropped(queue_.size());
  done_ += queue_.size();
  queue_.clear();
  settled_.notify_all();
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
  account(batch, retries_.run([&](const Deadline& deadline) { return deliver(batch, deadline); }));
}

Delivery Batcher::deliver(const Batch& batch, const Deadline& deadline) {
  Delivery delivery = exporter_->deliver(batch, deadline);
  const std::lock_guard lock(mutex_);
  if (delivery.call_again) tick_ = pacer_.now() + *delivery.call_again;
  return delivery;
}

void Batcher::account(const Batch& batch, const Delivery& delivery) {
  const uint64_t n = batch.size();
  stats_->settle(n, delivery, retries_.stopping());
  const bool stored = delivery.kind == Delivery::Kind::kStored;
  exporter_->dropped(stored ? std::min(delivery.rejected, n) : n - delivery.stored);
  const std::lock_guard lock(mutex_);
  done_ += n;
  settled_.notify_all();
}

}  // namespace weft

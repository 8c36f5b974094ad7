// SPDX-License-Identifier: Apache-2.0
#include "agent/delivery/queued_sender.h"

#include <pthread.h>
#include <spdlog/spdlog.h>

#include "agent/base/signals.h"

namespace weft {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

// Retry interval while the disk is full.
constexpr seconds kRoomWait{1};
// Stored parcels are given up only by age (disk_queue::Options::max_age).
constexpr RetryRules kUntilTooOld{.give_up = std::chrono::hours(24 * 365)};

}  // namespace

Result<std::unique_ptr<QueuedSender>> QueuedSender::make(std::unique_ptr<Sender> sender,
                                                         disk_queue::Options options,
                                                         milliseconds timeout,
                                                         std::unique_ptr<DeliveryStats> stats,
                                                         Pacer& pacer) {
  auto queue = disk_queue::DiskQueue::open(
      std::move(options), sender->format(),
      [to = stats.get()](std::string_view cause, uint64_t spans) { to->drop(cause, spans); });
  if (!queue) return std::unexpected(queue.error());
  if (const uint64_t lost = stats->dropped("killed")) {
    spdlog::warn("exporter {}: {} spans were lost with the memory of an agent that was killed",
                 stats->name(), lost);
  }
  return std::unique_ptr<QueuedSender>(
      new QueuedSender(std::move(sender), std::move(*queue), timeout, std::move(stats), pacer));
}

QueuedSender::QueuedSender(std::unique_ptr<Sender> sender,
                           std::unique_ptr<disk_queue::DiskQueue> queue, milliseconds timeout,
                           std::unique_ptr<DeliveryStats> stats, Pacer& pacer)
    : stats_(std::move(stats)),
      sender_(std::move(sender)),
      queue_(std::move(queue)),
      pacer_(pacer),
      retries_(kUntilTooOld, timeout, *stats_, pacer) {
  const AllSignalsBlocked blocked;
  worker_ = std::thread([this] { run(); });
  pthread_setname_np(worker_.native_handle(), ("out:" + stats_->name()).substr(0, 15).c_str());
}

QueuedSender::~QueuedSender() {
  finish(Deadline(pacer_.now()));
}

Delivery QueuedSender::send(const Parcel& parcel, const Deadline&) {
  const Status status = queue_->append(parcel);
  if (!status) {
    return {.kind = Delivery::Kind::kRetry,
            .retry_after = kRoomWait,
            .message = status.error().message};
  }
  const std::lock_guard lock(mutex_);
  stored_ = true;
  wake_.notify_one();
  return {.kind = Delivery::Kind::kStored};
}

Exporter::Backlog QueuedSender::backlog() const {
  const auto backlog = queue_->backlog();
  return {.spans = backlog.spans,
          .bytes = backlog.bytes,
          .fault = stats_->fault(),
          .last_success = stats_->last_success()};
}

void QueuedSender::run() {
  while (wait_for_parcel()) {
    const Delivery delivery =
        retries_.run([this](const Deadline& deadline) { return send_front(deadline); });
    const bool given_up = delivery.kind == Delivery::Kind::kRetry;
    if (given_up) return;  // shutdown: the next agent continues
  }
}

// False: shutting down, and nothing is left or the deadline has passed.
bool QueuedSender::wait_for_parcel() {
  std::unique_lock lock(mutex_);
  while (!stored_ && !stopping_) {
    pacer_.wait(lock, wake_, pacer_.now() + seconds(1));
    if (!stored_) queue_->tick();
  }
  if (!stopping_) return true;
  return stored_ && pacer_.now() < retries_.stop_deadline();
}

// Sends the oldest parcel that is not too old and removes it; kRetry: it stays.
Delivery QueuedSender::send_front(const Deadline& deadline) {
  {
    const std::lock_guard lock(mutex_);
    stored_ = false;  // unless a parcel is found, or one comes meanwhile
  }
  const auto stored = queue_->front();
  if (!stored) return {.kind = Delivery::Kind::kStored};
  Delivery delivery = sender_->send(stored->parcel, deadline);
  if (delivery.kind != Delivery::Kind::kRetry) {
    stats_->settle(stored->parcel.spans, delivery, false);
    queue_->pop(*stored);
  }
  const std::lock_guard lock(mutex_);
  stored_ = true;
  return delivery;
}

void QueuedSender::finish(const Deadline& deadline) {
  if (!worker_.joinable()) return;
  retries_.begin_stop(pacer_.now() + deadline.left());
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    wake_.notify_one();
  }
  worker_.join();
  if (const uint64_t waiting = queue_->backlog().spans) {
    spdlog::info("exporter {}: {} spans wait on the disk for the next start", stats_->name(),
                 waiting);
  }
}

}  // namespace weft

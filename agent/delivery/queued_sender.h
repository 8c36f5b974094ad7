// SPDX-License-Identifier: Apache-2.0
// A sender with a disk queue before it: parcels are stored first, then sent by a separate thread,
// however long the backend is unavailable. The next agent sends what is still stored when this one
// ends.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>

#include "agent/delivery/retry_loop.h"
#include "agent/disk_queue/disk_queue.h"

namespace weft {

class QueuedSender final : public Sender {
 public:
  // stats: for the sending, not the storing. `pacer` must outlive it. Starts the thread. Error: the
  // queue cannot be opened.
  static Result<std::unique_ptr<QueuedSender>> make(std::unique_ptr<Sender> sender,
                                                    disk_queue::Options options,
                                                    std::chrono::milliseconds timeout,
                                                    std::unique_ptr<DeliveryStats> stats,
                                                    Pacer& pacer = Pacer::steady());
  ~QueuedSender() override;

  Packed pack(std::span<const SpanPtr> batch) override { return sender_->pack(batch); }
  // Returns kStored, or kRetry if there is no room.
  Delivery send(const Parcel& parcel, const Deadline& deadline) override;
  std::string_view format() const override { return sender_->format(); }
  void accepted(uint64_t spans) override { queue_->accepted(spans); }
  void dropped(uint64_t spans) override { queue_->dropped(spans); }
  Backlog backlog() const override;
  // Continues sending until the queue is empty, a delivery fails, or the deadline.
  void finish(const Deadline& deadline) override;

 private:
  QueuedSender(std::unique_ptr<Sender> sender, std::unique_ptr<disk_queue::DiskQueue> queue,
               std::chrono::milliseconds timeout, std::unique_ptr<DeliveryStats> stats,
               Pacer& pacer);
  void run();
  bool wait_for_parcel();
  Delivery send_front(const Deadline& deadline);

  std::unique_ptr<DeliveryStats> stats_;
  std::unique_ptr<Sender> sender_;
  std::unique_ptr<disk_queue::DiskQueue> queue_;
  Pacer& pacer_;
  RetryLoop retries_;

  std::mutex mutex_;
  std::condition_variable wake_;
  bool stored_ = true;  // something may be in the queue
  bool stopping_ = false;
  std::thread worker_;
};

}  // namespace weft

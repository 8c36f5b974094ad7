// SPDX-License-Identifier: Apache-2.0
// One exporter's bounded queue and worker thread: batches by the OpenTelemetry batch
// processor's rules, retries, and counts every span exactly once (delivery_stats.h).
#pragma once

#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "agent/config/config.h"
#include "agent/delivery/retry_loop.h"
#include "agent/port/exporter.h"

namespace weft {

class Batcher final : public SpanSink {
 public:
  using TimePoint = Pacer::TimePoint;

  // immediate: do not wait for more spans. `pacer` must outlive the batcher. Starts the thread.
  Batcher(std::unique_ptr<DeliveryStats> stats, std::unique_ptr<Exporter> exporter,
          const BatchOptions& options, bool immediate, const RetryRules& retry = {},
          Pacer& pacer = Pacer::steady());
  // stop() with a deadline already passed, unless stopped before.
  ~Batcher() override;

  // Never blocks on the exporter: if max_queue_size spans are queued, drops the new one. Any
  // thread.
  void push(SpanPtr span) override;

  // Exports what is queued without waiting for more. True: every span pushed before the call is
  // delivered or counted as dropped; false: the deadline passed. Any thread.
  bool flush(TimePoint deadline);
  // The first half of flush(): requests the export without waiting. Returns the number of spans
  // accepted so far.
  uint64_t begin_flush();

  // For status: what is queued now, and the exporter's current fault. Any thread.
  struct State {
    std::string name;
    uint64_t queued;  // spans in memory
    uint64_t capacity;
    uint64_t stored_spans;  // on the disk
    uint64_t stored_bytes;
    std::string fault;      // empty: the last attempt succeeded
    uint64_t last_success;  // Unix s of the last delivery; 0: none yet
  };
  State state() const;

  // Shutdown in two steps, so that several batchers drain in parallel. After begin_stop() nothing
  // more is accepted; a batch that waits for its retry is sent at once (RetryLoop); what remains at
  // the deadline is dropped. stop() also joins the thread, lets the exporter finish and destroys
  // it. True: the shutdown dropped nothing. One thread.
  void begin_stop(TimePoint deadline);
  bool stop(TimePoint deadline);

 private:
  using Batch = std::vector<SpanPtr>;
  void run();
  std::optional<Batch> next_batch();
  bool ready(TimePoint now) const;
  TimePoint next_wake() const;
  Batch take();
  void settle(const Batch& batch);
  Delivery deliver(const Batch& batch, const Deadline& deadline);
  void account(const Batch& batch, const Delivery& delivery);
  void drop_rest();

  const std::unique_ptr<DeliveryStats> stats_;
  std::unique_ptr<Exporter> exporter_;
  const BatchOptions options_;
  const bool immediate_;
  Pacer& pacer_;
  RetryLoop retries_;

  mutable std::mutex mutex_;
  std::condition_variable wake_;     // the worker waits here
  std::condition_variable settled_;  // flush() waits here
  std::deque<SpanPtr> queue_;
  TimePoint oldest_{};             // when the queue became non-empty
  std::optional<TimePoint> tick_;  // the exporter wants to be called again
  uint64_t accepted_ = 0;          // spans ever queued
  uint64_t done_ = 0;              // of those, delivered or dropped
  uint64_t flush_up_to_ = 0;
  bool stopping_ = false;
  std::thread worker_;
};

}  // namespace weft

// SPDX-License-Identifier: Apache-2.0
// One exporter's bounded queue and worker thread: batches by the OpenTelemetry batch
// processor's rules, retries, and counts every span exactly once:
//   weft.exporter.spans.delivered{exporter}
//   weft.exporter.spans.dropped{exporter, cause}: queue_full · refused (never acceptable) ·
//     rejected (partial success) · retry_exhausted · shutdown
//   weft.exporter.retries{exporter}: batches sent once more
#pragma once

#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "agent/base/counter.h"
#include "agent/config/config.h"
#include "agent/pipeline/pacer.h"
#include "agent/pipeline/retry.h"
#include "agent/port/exporter.h"

namespace weft {

class Batcher final : public SpanSink {
 public:
  using TimePoint = Pacer::TimePoint;

  // name: the exporter's kind, the counters' label. immediate: no waiting for more spans.
  // `counters` and `pacer` outlive the batcher. Starts the thread.
  Batcher(std::string name, std::unique_ptr<Exporter> exporter, const BatchOptions& options,
          bool immediate, CounterSet& counters, const RetryRules& retry = {},
          Pacer& pacer = Pacer::steady());
  // stop() with a deadline already passed, unless stopped before.
  ~Batcher() override;

  // Never blocks on the exporter: when max_queue_size spans wait, the new one is dropped.
  // Any thread.
  void push(SpanPtr span) override;

  // Exports what is queued without waiting for more. True when every span pushed before
  // the call is settled (delivered or counted as dropped); false at the deadline. Any thread.
  bool flush(TimePoint deadline);
  // Its first half: asks for the export, does not wait. Returns the spans accepted so far.
  uint64_t begin_flush();

  // For status: what waits now, and the exporter's last message while it lasts. Any thread.
  struct State {
    std::string name;
    uint64_t queued;
    uint64_t capacity;
    std::string fault;  // empty: the last delivery was fine
  };
  State state() const;

  // Shutdown in two steps, so that several batchers drain side by side. From begin_stop()
  // on nothing more is accepted; a batch waiting for its retry is sent at once, and fails
  // for good unless the server itself named a time before the deadline; what remains at
  // the deadline is dropped. stop() also waits for the thread and destroys the exporter;
  // true when nothing was dropped by the shutdown. One thread.
  void begin_stop(TimePoint deadline);
  bool stop(TimePoint deadline);

 private:
  using Batch = std::vector<SpanPtr>;
  struct Counts {
    Counter& delivered;
    Counter& queue_full;
    Counter& refused;
    Counter& rejected;
    Counter& retry_exhausted;
    Counter& shutdown;
    Counter& retries;
  };

  static Counts counts_of(CounterSet& counters, const std::string& name);
  void sum_up() const;
  void run();
  std::optional<Batch> next_batch();
  bool ready(TimePoint now) const;
  TimePoint next_wake() const;
  Batch take();
  void settle(const Batch& batch);
  Delivery attempt(const Batch& batch);
  bool wait_for_retry(const Delivery& delivery, TimePoint first_attempt, Backoff& backoff);
  bool sleep_until(TimePoint until, bool by_server);
  void account(const Batch& batch, const Delivery& delivery);
  void report(const Delivery& delivery);

  const std::string name_;
  std::unique_ptr<Exporter> exporter_;
  const BatchOptions options_;
  const bool immediate_;
  const RetryRules retry_;
  Pacer& pacer_;
  Counts counts_;
  std::minstd_rand random_;  // worker only

  mutable std::mutex mutex_;
  std::condition_variable wake_;     // the worker waits here
  std::condition_variable settled_;  // flush() waits here
  std::deque<SpanPtr> queue_;
  TimePoint oldest_{};             // when the queue became non-empty
  std::optional<TimePoint> tick_;  // the exporter wants to be called again
  uint64_t accepted_ = 0;          // spans ever queued
  uint64_t done_ = 0;              // of those, settled
  uint64_t flush_up_to_ = 0;
  bool stopping_ = false;
  TimePoint stop_deadline_{};
  Deadline* running_ = nullptr;  // of the delivery under way

  std::string fault_;  // as logged: a lasting fault is logged once
  std::thread worker_;
};

}  // namespace weft

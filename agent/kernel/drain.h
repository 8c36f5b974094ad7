// SPDX-License-Identifier: Apache-2.0
// Takes records from several rings, fairly, and passes them on in order of time.
#pragma once

#include <chrono>
#include <cstdint>
#include <queue>
#include <string_view>
#include <vector>

#include "agent/base/counter.h"
#include "agent/kernel/order.h"
#include "agent/port/event.h"

namespace weft::kernel {

// The rings as Drain needs them; agent/kernel/reader implements it for the kernel's, tests for
// their own.
class Rings {
 public:
  class Taker {
   public:
    virtual ~Taker() = default;
    // False: stop; the next record stays in the ring.
    virtual bool take(std::string_view record) = 0;
  };
  virtual ~Rings() = default;
  virtual size_t size() const = 0;
  // Passes records, oldest first, until the ring is empty or the taker returns false.
  virtual void consume(size_t ring, Taker& taker) = 0;
};

// Each ring is in order of time, but not relative to the others. A round always continues with the
// ring that is furthest behind, one batch at a time. So no ring starves, and at most a batch of
// every other ring is buffered. A record is passed on only when it is older than anything that can
// still be in a ring. A ring found empty holds nothing stamped earlier than kSettle before the
// round, because such a record has been submitted by then. A ring with records left holds nothing
// older than the last one taken. A record that arrives too late all the same is passed on at once
// and counted (weft.events.late). One thread.
class Drain : private Rings::Taker {
 public:
  static constexpr std::chrono::microseconds kSettle{1000};
  struct Limits {
    size_t batch_records = 1024;
    size_t batch_bytes = 128 * 1024;
    // Limits per round: the rest stays in the rings, where a loss is counted.
    size_t round_records = 64 * 1024;
    size_t round_bytes = 8 * 1024 * 1024;
  };

  Drain(Rings& rings, EventSink& sink, CounterSet& counters, Limits limits);
  Drain(Rings& rings, EventSink& sink, CounterSet& counters)
      : Drain(rings, sink, counters, Limits()) {}

  // `now`: CLOCK_MONOTONIC, before the call. Returns the number of events passed on.
  size_t round(uint64_t now);
  // Takes and passes on everything, whatever its age: at the end.
  size_t flush(uint64_t now);

  size_t taken() const { return taken_; }        // records taken in the last round
  size_t taken_bytes() const { return bytes_; }  // of these records
  bool behind() const { return behind_; }        // the last round left records in the rings
  bool empty() const { return order_.empty(); }  // no record is buffered
  size_t held() const { return order_.size(); }

 private:
  struct Progress {
    uint64_t until;  // the ring holds nothing stamped before this
    size_t ring;
    bool operator>(const Progress& other) const { return until > other.until; }
  };
  bool take(std::string_view record) override;
  bool batch(Progress& progress, uint64_t settled);
  uint64_t horizon() const;

  Rings& rings_;
  Order order_;
  const Limits limits_;
  std::vector<uint64_t> until_;  // by ring
  uint64_t last_ = 0;            // time stamp of the last record taken
  size_t batch_records_ = 0;
  size_t batch_bytes_ = 0;
  size_t taken_ = 0;
  size_t bytes_ = 0;
  bool behind_ = false;
};

}  // namespace weft::kernel

// SPDX-License-Identifier: Apache-2.0
// Takes records off several rings, fairly, and passes them on in order of time.
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

// The rings as a drain needs them; agent/kernel/reader has the kernel's, tests their own.
class Rings {
 public:
  class Taker {
   public:
    virtual ~Taker() = default;
    // False: enough, the next record stays in the ring.
    virtual bool take(std::string_view record) = 0;
  };
  virtual ~Rings() = default;
  virtual size_t size() const = 0;
  // Oldest first, until the ring is empty or the taker has enough.
  virtual void consume(size_t ring, Taker& taker) = 0;
};

// Each ring is in order, together they are not. A round always goes on with the ring that is
// furthest behind, a batch at a time, so none starves and what waits for it is little: at most
// a batch of every other ring. What is passed on is older than anything still in a ring: a ring
// found empty holds nothing stamped before the round by kSettle (such a record has been
// submitted by then), one that was left with records holds nothing older than the last one
// taken. What comes later than that all the same is passed on at once and counted
// (weft.events.late). One thread.
class Drain : private Rings::Taker {
 public:
  static constexpr std::chrono::microseconds kSettle{1000};
  struct Limits {
    size_t batch_records = 1024;
    size_t batch_bytes = 128 * 1024;
    // Of a round: what is left stays in the rings, where a loss is counted.
    size_t round_records = 64 * 1024;
    size_t round_bytes = 8 * 1024 * 1024;
  };

  Drain(Rings& rings, EventSink& sink, CounterSet& counters, Limits limits);
  Drain(Rings& rings, EventSink& sink, CounterSet& counters)
      : Drain(rings, sink, counters, Limits()) {}

  // `now`: CLOCK_MONOTONIC, before the call. Returns the number of events passed on.
  size_t round(uint64_t now);
  // Everything there is, whatever its age: at the end.
  size_t flush(uint64_t now);

  size_t taken() const { return taken_; }        // records of the last round
  bool behind() const { return behind_; }        // it left records in the rings
  bool empty() const { return order_.empty(); }  // nothing waits to be passed on
  size_t held() const { return order_.size(); }

 private:
  struct Progress {
    uint64_t until;  // nothing stamped before it is in the ring
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
  uint64_t last_ = 0;            // stamp of the record taken last
  size_t batch_records_ = 0;
  size_t batch_bytes_ = 0;
  size_t taken_ = 0;
  bool behind_ = false;
};

}  // namespace weft::kernel

// SPDX-License-Identifier: Apache-2.0
// Drains the per-CPU rings and hands events on in order of time.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <vector>

#include "agent/base/counter.h"
#include "agent/base/result.h"
#include "agent/kernel/object.h"
#include "agent/port/event.h"

namespace weft::kernel {

// Each ring is in order, together they are not. A drain takes all that is there, then
// passes on what is older than its own start by kSettle: a record stamped before that
// has been submitted by now, so the sorted stream is complete up to there. What arrives
// later than that all the same is passed on at once and counted (weft.events.late).
// One thread.
class Reader {
 public:
  static constexpr std::chrono::microseconds kSettle{1000};
  // While records come, the time between two drains: wake-ups are what costs.
  static constexpr std::chrono::milliseconds kInterval{5};

  static Result<std::unique_ptr<Reader>> make(Object& object, EventSink& sink,
                                              CounterSet& counters);
  ~Reader();

  // One round: wait (at most `idle` when nothing happens), drain, pass on. Returns the
  // number of events passed on.
  size_t poll(std::chrono::milliseconds idle);
  // Everything there is, whatever its age: at the end.
  size_t flush();

 private:
  struct Impl;
  explicit Reader(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace weft::kernel

// SPDX-License-Identifier: Apache-2.0
// Drains the kernel's per-CPU rings and passes events on in order of time (drain.h).
#pragma once

#include <chrono>
#include <memory>

#include "agent/base/counter.h"
#include "agent/base/result.h"
#include "agent/kernel/object.h"
#include "agent/port/event.h"

namespace weft::kernel {

// One thread.
class Reader {
 public:
  // Time between two drains while records arrive: wake-ups are the main cost. The long one while so
  // few arrive that at eight times their rate no ring is full before it is over; a record that
  // may ask for a decision ends it, and so do many bytes of others.
  static constexpr std::chrono::milliseconds kInterval{5};
  static constexpr std::chrono::milliseconds kLongInterval{40};

  static Result<std::unique_ptr<Reader>> make(Object& object, EventSink& sink,
                                              CounterSet& counters);
  ~Reader();

  // One round: wait (at most `idle` if nothing happens), drain, pass on. Returns the number of
  // events passed on.
  size_t poll(std::chrono::milliseconds idle);
  // Takes and passes on everything, whatever its age: at the end.
  size_t flush();

 private:
  struct Impl;
  explicit Reader(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace weft::kernel

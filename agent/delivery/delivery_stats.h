// SPDX-License-Identifier: Apache-2.0
// What became of one exporter's spans, each counted exactly once, and how it is doing:
//   weft.exporter.spans.delivered{exporter}
//   weft.exporter.spans.dropped{exporter, cause}: queue_full · refused (never acceptable) ·
//     rejected (partial success) · retry_exhausted · shutdown; of a disk queue also killed ·
//     expired · damaged · other_format
//   weft.exporter.retries{exporter}: requests sent once more
#pragma once

#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>

#include "agent/base/counter.h"
#include "agent/port/exporter.h"

namespace weft {

// Any thread. `counters` outlives it. Two of one name share the counters, not the fault: storing
// may go well while sending does not.
class DeliveryStats {
 public:
  // name: the counters' label.
  DeliveryStats(std::string name, CounterSet& counters);

  const std::string& name() const { return name_; }
  // Of an attempt: a lasting fault is logged once, its end too.
  void report(const Delivery& delivery);
  void retried() { retries_.add(); }
  // Of `spans` for good. kRetry: what is left of them is given up, because of the shutdown or
  // not. kStored: what was not rejected is the disk queue's.
  void settle(uint64_t spans, const Delivery& delivery, bool stopping);
  void drop(std::string_view cause, uint64_t spans = 1);
  uint64_t dropped(std::string_view cause) const;

  std::string fault() const;      // empty: the last attempt was fine
  uint64_t last_success() const;  // Unix s of the last delivery; 0: none yet
  // The status goes with the agent: what was lost is logged once more.
  void sum_up() const;

 private:
  const std::string name_;
  CounterSet& counters_;
  Counter& delivered_;
  Counter& queue_full_;  // has its place: it is counted per span
  Counter& retries_;

  mutable std::mutex mutex_;
  std::string fault_;
  uint64_t last_success_ = 0;
};

}  // namespace weft

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

// Any thread. `counters` must outlive it. Two objects with the same name share the counters but not
// the fault: storing may work while sending fails.
class DeliveryStats {
 public:
  // name: the counters' label.
  DeliveryStats(std::string name, CounterSet& counters);

  const std::string& name() const { return name_; }
  // Reports an attempt: a lasting fault is logged once, and so is its end.
  void report(const Delivery& delivery);
  void retried() { retries_.add(); }
  // The final outcome of `spans`. kRetry: the rest of them is given up, because of the shutdown or
  // not. kStored: the disk queue now accounts for those not rejected.
  void settle(uint64_t spans, const Delivery& delivery, bool stopping);
  void drop(std::string_view cause, uint64_t spans = 1);
  uint64_t dropped(std::string_view cause) const;

  std::string fault() const;      // empty: the last attempt succeeded
  uint64_t last_success() const;  // Unix s of the last delivery; 0: none yet
  // At the end: logs the losses once more, because the status ends with the agent.
  void sum_up() const;

 private:
  const std::string name_;
  CounterSet& counters_;
  Counter& delivered_;
  Counter& queue_full_;  // cached: it is counted per span
  Counter& retries_;

  mutable std::mutex mutex_;
  std::string fault_;
  uint64_t last_success_ = 0;
};

}  // namespace weft

// SPDX-License-Identifier: Apache-2.0
// Named counters: everything that is lost or refused is counted here by cause, and the
// same set feeds `weft status`, /status and /metrics.
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace weft {

// A monotonic count. add() from any thread, relaxed: readers want totals, not order.
class Counter {
 public:
  void add(uint64_t n = 1) { value_.fetch_add(n, std::memory_order_relaxed); }
  uint64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<uint64_t> value_{0};
};

// Owns counters; a returned reference is valid as long as the set. get() takes a lock:
// call it once at set-up and keep the reference. Any thread.
class CounterSet {
 public:
  struct Label {
    std::string name;
    std::string value;
    bool operator==(const Label&) const = default;
  };
  struct Sample {
    std::string name;
    std::vector<Label> labels;
    uint64_t value;
  };

  // name: lower case, dots as in OpenTelemetry ("weft.spans.dropped"); no unit suffix.
  // The same name and labels give the same counter.
  Counter& get(std::string_view name, std::vector<Label> labels = {});
  std::vector<Sample> samples() const;

 private:
  struct Entry {
    std::string name;
    std::vector<Label> labels;
    Counter counter;
  };
  mutable std::mutex mutex_;
  std::deque<Entry> entries_;
};

// Value of the first label called `name`; empty: none.
std::string label_value(const std::vector<CounterSet::Label>& labels, std::string_view name);

}  // namespace weft

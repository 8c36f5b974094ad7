// SPDX-License-Identifier: Apache-2.0
// Merges records of several rings into one stream ordered by time. What a call reports has one time
// stamp but may be in two rings: bytes then follow what was said of their connection.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "agent/base/counter.h"
#include "agent/port/event.h"

namespace weft::kernel {

// One thread. Owns copies of the records between add() and release().
class Order {
 public:
  Order(EventSink& sink, CounterSet& counters);

  // Adds a record as the kernel wrote it; it may be longer than its size says (the unused end of
  // its size class). Malformed records are counted and dropped.
  void add(std::string_view record);
  // Passes on, in order, records stamped before `horizon`. Returns how many.
  size_t release(uint64_t horizon);
  bool empty() const { return entries_.empty(); }
  size_t size() const { return entries_.size(); }

 private:
  struct Entry {
    uint64_t rank;  // time, and at the same time bytes last
    uint32_t offset;
    uint32_t size;
  };
  void compact();

  EventSink& sink_;
  Counter& late_;
  Counter& malformed_;
  std::vector<char> bytes_;  // records at 8-byte offsets
  std::vector<Entry> entries_;
  uint64_t released_ = 0;  // the highest horizon so far
};

// Checks a record's own size and its type's: false for anything that the pipeline must not receive.
bool well_formed(std::string_view record);

}  // namespace weft::kernel

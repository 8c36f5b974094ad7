// SPDX-License-Identifier: Apache-2.0
#include "agent/kernel/drain.h"

#include <algorithm>
#include <functional>

namespace weft::kernel {
namespace {

constexpr uint64_t kSettleNs = std::chrono::nanoseconds(Drain::kSettle).count();

uint64_t before(uint64_t time) {
  return time - std::min(time, kSettleNs);
}

}  // namespace

Drain::Drain(Rings& rings, EventSink& sink, CounterSet& counters, Limits limits)
    : rings_(rings), order_(sink, counters), limits_(limits), until_(rings.size(), 0) {}

size_t Drain::round(uint64_t now) {
  std::priority_queue<Progress, std::vector<Progress>, std::greater<>> open;
  for (size_t ring = 0; ring < until_.size(); ++ring) open.push({until_[ring], ring});
  taken_ = bytes_ = 0;
  while (!open.empty() && taken_ < limits_.round_records && bytes_ < limits_.round_bytes) {
    Progress next = open.top();
    open.pop();
    const bool more = batch(next, before(now));
    until_[next.ring] = next.until;
    bytes_ += batch_bytes_;
    if (more) open.push(next);
  }
  behind_ = !open.empty();
  return order_.release(horizon());
}

size_t Drain::flush(uint64_t now) {
  size_t passed = round(now);
  while (taken_ > 0) passed += round(now);
  return passed + order_.release(UINT64_MAX);
}

// True: the ring may hold more.
bool Drain::batch(Progress& progress, uint64_t settled) {
  batch_records_ = batch_bytes_ = 0;
  last_ = 0;
  rings_.consume(progress.ring, *this);
  taken_ += batch_records_;
  const bool more = batch_records_ >= limits_.batch_records || batch_bytes_ >= limits_.batch_bytes;
  progress.until = std::max(progress.until, more ? before(last_) : settled);
  return more;
}

bool Drain::take(std::string_view record) {
  order_.add(record);
  if (record.size() >= sizeof(weft_event)) {
    last_ = reinterpret_cast<const weft_event*>(record.data())->time;
  }
  ++batch_records_;
  batch_bytes_ += record.size();
  return batch_records_ < limits_.batch_records && batch_bytes_ < limits_.batch_bytes;
}

uint64_t Drain::horizon() const {
  return until_.empty() ? 0 : *std::ranges::min_element(until_);
}

}  // namespace weft::kernel

// SPDX-License-Identifier: Apache-2.0
#include "agent/base/counter.h"

#include <algorithm>

namespace weft {

Counter& CounterSet::get(std::string_view name, std::vector<Label> labels) {
  const std::lock_guard lock(mutex_);
  for (Entry& entry : entries_) {
    if (entry.name == name && entry.labels == labels) return entry.counter;
  }
  Entry& entry = entries_.emplace_back();
  entry.name = name;
  entry.labels = std::move(labels);
  return entry.counter;
}

std::vector<CounterSet::Sample> CounterSet::samples() const {
  const std::lock_guard lock(mutex_);
  std::vector<Sample> out;
  out.reserve(entries_.size());
  for (const Entry& entry : entries_) {
    out.push_back({entry.name, entry.labels, entry.counter.value()});
  }
  return out;
}

std::string label_value(const std::vector<CounterSet::Label>& labels, std::string_view name) {
  const auto found = std::ranges::find(labels, name, &CounterSet::Label::name);
  return found == labels.end() ? std::string() : found->value;
}

}  // namespace weft

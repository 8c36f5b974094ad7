// SPDX-License-Identifier: Apache-2.0
// The values used last, at most `capacity`: for a few dozen things that are dear to make
// again, such as what was found in a program, by its build id. A search looks at every
// key. One thread.
#pragma once

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

namespace weft {

template <class Key, class Value>
class LruMap {
 public:
  explicit LruMap(size_t capacity) : capacity_(std::max<size_t>(capacity, 1)) {}

  // Null: not there. Valid until the next put().
  template <class Like>
  Value* find(const Like& key) {
    const auto found = std::ranges::find(entries_, key, &Entry::key);
    if (found == entries_.end()) return nullptr;
    found->used = ++clock_;
    return &found->value;
  }
  // In place of an older value of the key, else, when full, of what was used longest ago.
  Value& put(Key key, Value value) {
    auto at = std::ranges::find(entries_, key, &Entry::key);
    if (at == entries_.end() && entries_.size() == capacity_) {
      at = std::ranges::min_element(entries_, {}, &Entry::used);
    }
    if (at == entries_.end()) at = entries_.emplace(at);
    *at = {std::move(key), std::move(value), ++clock_};
    return at->value;
  }
  size_t size() const { return entries_.size(); }

 private:
  struct Entry {
    Key key{};
    Value value{};
    uint64_t used = 0;
  };
  size_t capacity_;
  uint64_t clock_ = 0;
  std::vector<Entry> entries_;
};

}  // namespace weft

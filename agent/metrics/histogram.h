// SPDX-License-Identifier: Apache-2.0
// Counts how often values fall between fixed bounds. One thread; allocates nothing.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>

namespace weft::metrics {

// Upper bounds of the buckets, inclusive, ascending. Each is at least twice the previous one, so
// that there is at most one between two powers of two, and a value's bucket is found without a
// search. Constant data.
struct Scale {
  explicit consteval Scale(std::span<const uint64_t> of) : bounds(of) {
    for (size_t width = 1; width < at.size(); ++width) {
      at[width] = at[width - 1];
      while (at[width] < of.size() && of[at[width]] < uint64_t{1} << (width - 1)) ++at[width];
    }
  }
  size_t bucket(uint64_t value) const {
    const size_t i = at[static_cast<size_t>(std::bit_width(value))];
    return i < bounds.size() && value > bounds[i] ? i + 1 : i;
  }

  std::span<const uint64_t> bounds;
  std::array<uint8_t, 65> at{};  // by bit width: the first bound that may hold a value of that
                                 // width
};

inline constexpr uint64_t kDurationBounds[] = {
    1'000,         2'000,          5'000,          10'000,         20'000,
    50'000,        100'000,        200'000,        500'000,        1'000'000,
    2'000'000,     5'000'000,      10'000'000,     20'000'000,     50'000'000,
    100'000'000,   200'000'000,    500'000'000,    1'000'000'000,  2'000'000'000,
    5'000'000'000, 10'000'000'000, 20'000'000'000, 50'000'000'000, 100'000'000'000};
inline constexpr uint64_t kCountBounds[] = {1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024};

inline constexpr Scale kDurations{kDurationBounds};  // ns: 1 µs … 100 s
inline constexpr Scale kCounts{kCountBounds};

class Histogram {
 public:
  // scale: kDurations or kCounts.
  explicit Histogram(const Scale& scale) : scale_(&scale) {}

  void observe(uint64_t value) {
    ++counts_[scale_->bucket(value)];
    sum_ += value;
  }
  // Values that were counted in the same buckets.
  void add(std::span<const uint64_t> counts, uint64_t sum) {
    for (size_t i = 0; i < std::min(counts.size(), counts_.size()); ++i) counts_[i] += counts[i];
    sum_ += sum;
  }
  std::span<const uint64_t> bounds() const { return scale_->bounds; }
  // One more than there are bounds: the last is for values above all bounds. Not cumulative.
  std::span<const uint64_t> counts() const {
    return std::span(counts_).first(scale_->bounds.size() + 1);
  }
  uint64_t sum() const { return sum_; }
  uint64_t count() const;

 private:
  const Scale* scale_;
  std::array<uint64_t, std::size(kDurationBounds) + 1> counts_{};
  uint64_t sum_ = 0;
};

}  // namespace weft::metrics

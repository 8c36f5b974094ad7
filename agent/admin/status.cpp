// SPDX-License-Identifier: Apache-2.0
#include "agent/admin/status.h"

#include <algorithm>
#include <numeric>

namespace weft {

uint64_t StatusReport::Histogram::count() const {
  return std::accumulate(counts.begin(), counts.end(), uint64_t{0});
}

double StatusReport::Histogram::quantile(double q) const {
  const double rank = q * static_cast<double>(count());
  double below = 0;
  for (size_t i = 0; i < bounds.size() && i < counts.size(); ++i) {
    const auto here = static_cast<double>(counts[i]);
    const double low = i == 0 ? 0 : bounds[i - 1];
    if (here > 0 && below + here >= rank) return low + (bounds[i] - low) * (rank - below) / here;
    below += here;
  }
  return bounds.empty() || count() == 0 ? 0 : bounds.back();
}

void StatusReport::Histogram::add(const Histogram& other) {
  if (counts.empty()) {
    bounds = other.bounds;
    counts.resize(other.counts.size());
  }
  const size_t shared = std::min(counts.size(), other.counts.size());
  for (size_t i = 0; i < shared; ++i) counts[i] += other.counts[i];
  sum += other.sum;
}

}  // namespace weft

// SPDX-License-Identifier: Apache-2.0
#include "agent/metrics/histogram.h"

#include <numeric>

namespace weft::metrics {

uint64_t Histogram::count() const {
  const auto all = counts();
  return std::accumulate(all.begin(), all.end(), uint64_t{0});
}

}  // namespace weft::metrics

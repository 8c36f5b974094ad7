// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "agent/admin/status.h"
#include "agent/metrics/histogram.h"

namespace weft {

inline constexpr double kNanoseconds = 1e9;  // in a second

// parts: how many of the histogram's units make one exported unit. Division, not multiplication:
// 1000 / 1e9 is 1e-06, 1000 * 1e-9 is not.
inline StatusReport::Histogram histogram_row(const metrics::Histogram& from, double parts) {
  StatusReport::Histogram out;
  for (const uint64_t bound : from.bounds()) {
    out.bounds.push_back(static_cast<double>(bound) / parts);
  }
  out.counts.assign(from.counts().begin(), from.counts().end());
  out.sum = static_cast<double>(from.sum()) / parts;
  return out;
}

}  // namespace weft

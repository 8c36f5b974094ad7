// SPDX-License-Identifier: Apache-2.0
#include "agent/delivery/retry.h"

#include <algorithm>
#include <cmath>

namespace weft {

using std::chrono::milliseconds;

std::optional<milliseconds> Backoff::next(milliseconds spent, std::optional<milliseconds> server,
                                          double random) {
  const double spread = 1 + rules_.jitter * (2 * random - 1);
  const milliseconds own(std::llround(static_cast<double>(base_.count()) * spread));
  const milliseconds wait = server.value_or(own);
  if (spent + wait > rules_.give_up) return std::nullopt;
  const milliseconds grown(std::llround(static_cast<double>(base_.count()) * rules_.factor));
  base_ = std::min(rules_.cap, grown);
  return wait;
}

}  // namespace weft

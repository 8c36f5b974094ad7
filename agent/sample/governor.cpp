// SPDX-License-Identifier: Apache-2.0
#include "agent/sample/governor.h"

#include <algorithm>
#include <cmath>

namespace weft {
namespace {

constexpr double kSmooth = 0.4;    // weight of the newest measurement
constexpr double kAim = 0.9;       // of the budget
constexpr double kLow = 0.75;      // below this the share grows
constexpr double kSlowest = 0.5;   // a step's least factor
constexpr double kFastest = 1.25;  // and its largest

uint32_t threshold_of(double share) {
  if (share >= 1) return 0;
  // Rather a trace too many: user space applies the sampler's exact ratio.
  return static_cast<uint32_t>(std::floor((1 - share) * WEFT_KEEP_NONE));
}

}  // namespace

Governor::Governor(const BudgetConfig& budget, const SamplerConfig& sampler)
    : budget_(budget), sampler_(sampler), thresholds_(make_thresholds()) {}

double Governor::share() const {
  return std::max(sampler_.ratio, 0.0) * share_;
}

Thresholds Governor::make_thresholds() const {
  if (!budget_.enabled) return {};
  Thresholds out{};
  out[WEFT_ORIGIN_HERE] = threshold_of(share());
  out[WEFT_ORIGIN_BEFORE] = threshold_of(continued_);
  out[WEFT_ORIGIN_UNKNOWN] = continued_ < 1 ? out[WEFT_ORIGIN_HERE] : 0;
  return out;
}

void Governor::steer(double& share, double least) const {
  const double factor = std::clamp(kAim / load_, kSlowest, kFastest);
  share = std::clamp(share * factor, least, 1.0);
}

bool Governor::update(const Cost& cost) {
  if (!budget_.enabled) return false;
  double load = budget_.cpu > 0 ? cost.cpu / budget_.cpu : 0;
  if (budget_.spans_per_second > 0) {
    load = std::max(load, cost.spans_per_second / budget_.spans_per_second);
  }
  load_ += kSmooth * (load - load_);
  if (load_ > 1) {
    share_ > kLeast ? steer(share_, kLeast) : steer(continued_, kLeast);
  } else if (load_ < kLow) {
    continued_ < 1 ? steer(continued_, kLeast) : steer(share_, kLeast);
  }
  const Thresholds before = std::exchange(thresholds_, make_thresholds());
  return before != thresholds_;
}

}  // namespace weft

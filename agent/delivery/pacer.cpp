// SPDX-License-Identifier: Apache-2.0
#include "agent/delivery/pacer.h"

namespace weft {
namespace {

class SteadyPacer final : public Pacer {
 public:
  TimePoint now() const override { return Clock::now(); }
  void wait(std::unique_lock<std::mutex>& lock, std::condition_variable& wake,
            TimePoint until) override {
    // The library converts the end of time into an overflow on some clocks.
    if (until == TimePoint::max()) {
      wake.wait(lock);
    } else {
      wake.wait_until(lock, until);
    }
  }
};

}  // namespace

Pacer& Pacer::steady() {
  static SteadyPacer pacer;
  return pacer;
}

}  // namespace weft

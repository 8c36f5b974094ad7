// SPDX-License-Identifier: Apache-2.0
// When to send a batch again: exponential backoff with jitter, as OTLP requires.
#pragma once

#include <chrono>
#include <optional>

namespace weft {

struct RetryRules {
  std::chrono::milliseconds initial{5000};
  double factor = 1.5;
  double jitter = 0.5;                         // each wait is spread over ±50 %
  std::chrono::milliseconds cap{30'000};       // longest wait, before jitter
  std::chrono::milliseconds give_up{300'000};  // after the first attempt
};

// The waits of one batch, in order. A plain value; one thread.
class Backoff {
 public:
  explicit Backoff(const RetryRules& rules) : rules_(rules), base_(rules.initial) {}

  // The wait before the next attempt; none: give up. `spent`: since the first attempt; `server`:
  // its Retry-After, which overrides the backoff; `random`: uniform in [0, 1).
  std::optional<std::chrono::milliseconds> next(std::chrono::milliseconds spent,
                                                std::optional<std::chrono::milliseconds> server,
                                                double random);

 private:
  RetryRules rules_;
  std::chrono::milliseconds base_;
};

}  // namespace weft

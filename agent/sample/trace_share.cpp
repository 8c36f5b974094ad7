// SPDX-License-Identifier: Apache-2.0
#include "agent/sample/trace_share.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <string>

namespace weft {
namespace {

constexpr uint64_t kRange = uint64_t{1} << 56;
constexpr size_t kFirst = 9;     // byte of a trace id with which its randomness begins
constexpr unsigned kShift = 40;  // from a threshold of 16 bits to one of 56

uint64_t randomness(const TraceId& trace) {
  uint64_t out = 0;
  for (size_t i = kFirst; i < trace.bytes.size(); ++i) out = out << 8 | trace.bytes[i];
  return out;
}

uint64_t threshold_of(double ratio) {
  if (ratio >= 1) return 0;
  if (!(ratio > 0)) return kRange;
  // Not (1 − ratio)·2^56: that difference loses the smallest ratios.
  return kRange - static_cast<uint64_t>(std::llround(ratio * static_cast<double>(kRange)));
}

// The upper 16 bits of the randomness agree with the decision, which may have been inherited by
// what now turns out to begin a trace.
uint16_t agreeing(uint16_t random, uint16_t threshold, bool kept) {
  if (kept && random < threshold) {
    return static_cast<uint16_t>(threshold + random % (WEFT_KEEP_NONE - threshold));
  }
  return !kept && random >= threshold && threshold > 0 ? random % threshold : random;
}

void set_upper(TraceId& trace, uint64_t exchange_id, uint16_t upper) {
  trace.bytes[kFirst] = static_cast<uint8_t>(upper >> 8);
  trace.bytes[kFirst + 1] = static_cast<uint8_t>(upper);
  trace.bytes[kFirst + 2] = static_cast<uint8_t>(exchange_id >> 40);
  trace.bytes[kFirst + 3] = static_cast<uint8_t>(exchange_id >> 32);
}

// 14 hex digits, trailing zeros left out.
std::string state_of(uint64_t threshold) {
  char digits[16];
  std::snprintf(digits, sizeof digits, "%014llx", static_cast<unsigned long long>(threshold));
  std::string out = digits;
  out.erase(out.find_last_not_of('0') + 1);
  return "ot=th:" + out;
}

}  // namespace

bool keeps_trace(const TraceId& trace, double ratio) {
  return randomness(trace) >= threshold_of(ratio);
}

TraceContext TraceShare::begin(const TraceStart& start) const {
  TraceContext out;
  out.trace = TraceId::random();
  const uint16_t threshold = start.threshold;
  bool kept = true;
  if (start.exchange_id != 0) {
    const auto upper = static_cast<uint16_t>(start.exchange_id >> 48);
    kept = threshold == 0 || (start.decided_by & WEFT_EXCHANGE_KEPT) != 0;
    set_upper(out.trace, start.exchange_id,
              start.undecided ? upper : agreeing(upper, threshold, kept));
    if (start.undecided) kept = upper >= threshold;
  } else if (start.decided_by != 0) {
    kept = present() == 0 || (start.decided_by & WEFT_EXCHANGE_KEPT) != 0;
  } else {
    kept = randomness(out.trace) >= present();
  }
  const uint64_t budget = start.exchange_id != 0 ? uint64_t{threshold} << kShift : present();
  const uint64_t effective = std::max(budget, threshold_of(sampler_.ratio));
  kept = kept && keeps_trace(out.trace, sampler_.ratio);
  out.flags = kFlagRandom | (kept ? kFlagSampled : 0);
  if (kept && effective != 0) out.trace_state = state_of(effective);
  return out;
}

bool TraceShare::keeps(const TraceId& trace, uint8_t flags) const {
  if (sampler_.parent_based) return (flags & kFlagSampled) != 0;
  return keeps_trace(trace, sampler_.ratio) && randomness(trace) >= present();
}

uint64_t TraceShare::present() const {
  return uint64_t{thresholds_[WEFT_ORIGIN_HERE]} << kShift;
}

}  // namespace weft

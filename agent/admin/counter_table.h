// SPDX-License-Identifier: Apache-2.0
// What each counter of the agent and of the kernel side says. `weft status`, its JSON and
// /metrics take it from here, so that none of them calls lost what is not.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "agent/admin/status.h"

namespace weft {

enum class CounterKind : uint8_t {
  kSeen,      // what went its way
  kUnwanted,  // nobody asked for it: other processes, other protocols, tunnels
  kSampled,   // a whole trace that the sampler left out
  kLost,      // what should have been a span, or should have arrived, and did not
  kNoted,     // no span is missing, but something is less than it could be
};

struct CounterRow {
  std::string_view name;
  std::string_view cause;  // value of the label "cause"; empty: all that have no row of their own
  CounterKind kind;
  std::string_view where;  // stage
  std::string_view help;
};

// In the order of the pipeline. Constant data.
std::span<const CounterRow> counter_rows();
// Null: the counter is in no row (tests/arch refuses the tree then).
const CounterRow* find_counter(const CounterSet::Sample& sample);
// "lost"; as JSON has it.
std::string_view kind_name(CounterKind kind);
// One line for all rows of a name; empty when there is none.
std::string counter_help(std::string_view name);

// Fills `seen`, `emitted`, `losses` and `left_out` from `counters`.
void sort_counters(StatusReport& report);

}  // namespace weft

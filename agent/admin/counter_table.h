// SPDX-License-Identifier: Apache-2.0
// The meaning of each counter of the agent and of the kernel side. `weft status`, its JSON and
// /metrics all use this table, so that all agree on what counts as lost.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "agent/admin/status.h"

namespace weft {

enum class CounterKind : uint8_t {
  kSeen,      // normal work
  kUnwanted,  // not a target: other processes, other protocols, tunnels
  kSampled,   // a whole trace that the sampler left out
  kLost,      // should have become a span, or been delivered, and was not
  kNoted,     // no span is missing, but something is incomplete or slower
};

struct CounterRow {
  std::string_view name;
  std::string_view cause;  // value of the label "cause"; empty: all causes without their own row
  CounterKind kind;
  std::string_view where;  // stage
  std::string_view help;
};

// In pipeline order. Constant data.
std::span<const CounterRow> counter_rows();
// Null: the counter is not in the table (tests/arch fails then).
const CounterRow* find_counter(const CounterSet::Sample& sample);
// "lost", …: the name in JSON.
std::string_view kind_name(CounterKind kind);
// One line for all rows with this name; empty: none.
std::string counter_help(std::string_view name);

// Fills `seen`, `emitted`, `losses` and `left_out` from `counters`.
void sort_counters(StatusReport& report);

}  // namespace weft

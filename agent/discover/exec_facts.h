// SPDX-License-Identifier: Apache-2.0
// Two words about one process: what its exec record told, and what was found under its
// pid a little later, when it may have ended or changed. Pure; any thread.
#pragma once

#include "agent/discover/proc/facts.h"
#include "agent/port/event.h"

namespace weft {

// What the record alone tells. `exec` is an EXEC event.
ProcessFacts facts_of(const Event& exec);
// The record of these arguments and variables; what it has no room for is cut.
std::vector<char> exec_record(weft_ev_exec head, const std::vector<std::string>& args,
                              const std::vector<std::string>& environment);
// Fit for a recording that others will read: of arguments and environment, it holds what
// naming the process takes (naming_args(), OTEL_SERVICE_NAME, OTEL_RESOURCE_ATTRIBUTES).
std::vector<char> redacted_exec(const Event& exec);
// Whether `live` is the process that `told` is about, and not a later one of its pid.
bool same_process(const ProcessFacts& told, const ProcessFacts& live);
// Both together, of the same process. A server may write a title over its arguments and
// environment, so the record is preferred, unless it had no room for them.
ProcessFacts merged(const ProcessFacts& told, ProcessFacts live);

}  // namespace weft

// SPDX-License-Identifier: Apache-2.0
// Combines two sources on one process: its EXEC record, and what /proc/PID shows a little later,
// when the process may have ended or changed. Pure; any thread.
#pragma once

#include "agent/discover/proc/facts.h"
#include "agent/port/event.h"

namespace weft {

// Facts from the record alone. `exec` is an EXEC event.
ProcessFacts facts_of(const Event& exec);
// Makes an EXEC record of these arguments and variables; what does not fit is truncated.
std::vector<char> exec_record(weft_ev_exec head, const std::vector<std::string>& args,
                              const std::vector<std::string>& environment);
// A copy of the record for recordings that are given to others: of arguments and environment, it
// has only what names the process (naming_args(), OTEL_SERVICE_NAME, OTEL_RESOURCE_ATTRIBUTES).
std::vector<char> redacted_exec(const Event& exec);
// Whether `live` is the process described by `told`, not a later one with the same pid.
bool same_process(const ProcessFacts& told, const ProcessFacts& live);
// Merges facts of the same process. The record's arguments and environment win, because a server
// may overwrite its own with a title; unless the record had no room for them.
ProcessFacts merged(const ProcessFacts& told, ProcessFacts live);

}  // namespace weft

// SPDX-License-Identifier: Apache-2.0
// Two words about one process: what its exec record told, and what was found under its
// pid a little later, when it may have ended or changed. Pure; any thread.
#pragma once

#include "agent/discover/proc/facts.h"
#include "agent/port/event.h"

namespace weft {

// What the record alone tells. `exec` is an EXEC event.
ProcessFacts facts_of(const Event& exec);
// Whether `live` is the process that `told` is about, and not a later one of its pid.
bool same_process(const ProcessFacts& told, const ProcessFacts& live);
// Both together, of the same process. A server may write a title over its arguments and
// environment, so the record's arguments are preferred, unless it had no room for them.
ProcessFacts merged(const ProcessFacts& told, ProcessFacts live);

}  // namespace weft

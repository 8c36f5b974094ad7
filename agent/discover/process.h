// SPDX-License-Identifier: Apache-2.0
// What user space knows of one process, and how the target rules decided.
#pragma once

#include <memory>

#include "agent/discover/proc/facts.h"
#include "agent/span/span.h"

namespace weft {

struct Process {
  ProcessFacts facts;
  ResourcePtr resource;
  bool traced = false;     // decision of the rules
  bool undecided = false;  // not traced yet: the rules are waiting for a port
  // The process exports its own spans and these are preferred: its exchanges get no span from Weft.
  bool exports_own_spans = false;
};
using ProcessPtr = std::shared_ptr<const Process>;

}  // namespace weft

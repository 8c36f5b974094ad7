// SPDX-License-Identifier: Apache-2.0
// What user space knows of one process, and what the rules say of it.
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
  // It exports spans of its own, and those are preferred: of what it asks and answers no span
  // is made here.
  bool tells_itself = false;
};
using ProcessPtr = std::shared_ptr<const Process>;

}  // namespace weft

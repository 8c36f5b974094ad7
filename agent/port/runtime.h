// SPDX-License-Identifier: Apache-2.0
// The seam to runtimes: how a program's threads take turns on requests, and so what they prove
// about the parent of what they send. A runtime is one row of data (probes/runtime/<name>).
#pragma once

#include <span>

#include "agent/port/probe_target.h"

namespace weft {

// One row of the registry. Constant data.
struct Runtime {
  // id: from probes/runtime.def. executables: whole names, no wildcards, because they are compared
  // for each span.
  ProbeTarget target;
  // An event loop that does nothing but serve requests, without timers or resumed tasks of its own:
  // what it sends in the run in which it read its only open request belongs to that request.
  bool only_serves_requests = false;
};

// Expanded from probes/runtime.def (probes/runtimes.cpp).
std::span<const Runtime> runtimes();

}  // namespace weft

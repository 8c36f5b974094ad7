// SPDX-License-Identifier: Apache-2.0
// Compiles a target's probe for a given binary into the probes of the kernel side.
#pragma once

#include <string>
#include <vector>

#include "agent/port/compiled_probe.h"
#include "agent/port/probe_target.h"
#include "agent/resolve/binary.h"
#include "agent/resolve/locate.h"

namespace weft::attach {

struct Compiled {
  std::vector<CompiledProbe> probes;  // entry and return, or one only; empty: function not found
  std::string how;                    // where it was found ("dynsym 0x1eac40"), else why not
  std::vector<std::string> absent;    // values that cannot be read in this build
  size_t direct_calls = 0;            // see resolve::CallGraph::direct_calls
};

// path: stored in the probes. A value whose global or getter is missing is left out.
Compiled compile(const ProbeTarget& target, const ProbeSpec& spec, const resolve::Binary& binary,
                 const std::string& path);

}  // namespace weft::attach

// SPDX-License-Identifier: Apache-2.0
// From a probe of an engine and its binary to the probes that serve it.
#pragma once

#include <string>
#include <vector>

#include "agent/port/compiled_probe.h"
#include "agent/port/engine.h"
#include "agent/resolve/binary.h"
#include "agent/resolve/locate.h"

namespace weft::attach {

struct Compiled {
  std::vector<CompiledProbe> probes;  // entry and return, or one; empty: not found
  std::string how;                    // "dynsym 0x1eac40": where; else why not
  std::vector<std::string> absent;    // values that this build does not let be read
  size_t direct_calls = 0;            // see resolve::Binary::direct_calls
};

// `path` goes into the probes. A value whose global or getter is missing is left out.
Compiled compile(const Engine& engine, const ProbeSpec& spec, const resolve::Binary& binary,
                 const std::string& path);

}  // namespace weft::attach

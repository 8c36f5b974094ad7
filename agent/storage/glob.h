// SPDX-License-Identifier: Apache-2.0
// Names of log files: which are wanted, and how much of that the kernel side can test.
#pragma once

#include <string_view>

#include "agent/port/engine.h"
#include "bpf/abi/weft_config.h"

namespace weft::storage {

// fnmatch(3) over the last component, and over the one before it if the glob has a slash.
bool matches(std::string_view glob, std::string_view folder, std::string_view name);

// What is literal in the glob: every name that matches() passes it, not every name that
// passes it matches.
weft_pattern literals(const LogPattern& pattern);

}  // namespace weft::storage

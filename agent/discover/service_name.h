// SPDX-License-Identifier: Apache-2.0
// The default service name: what a person would call the program. docs/service-name.md has the
// rules and their reasons. Pure; any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "agent/discover/proc/facts.h"

namespace weft {

// Never empty: "unknown_service" if even the executable is unknown.
std::string service_name(const ProcessFacts& facts);

// The shortest command line that gives the process the same name without its working folder: the
// command, and what it launches. No other arguments, because they may hold passwords, addresses and
// keys. Empty if the executable alone gives the name.
std::vector<std::string> naming_args(const ProcessFacts& facts);

}  // namespace weft

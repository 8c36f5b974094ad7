// SPDX-License-Identifier: Apache-2.0
// A service's name when nobody gave one: what a person would call the program. The rules
// and their reasons are in docs/service-name.md. Pure; any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "agent/discover/proc/facts.h"

namespace weft {

// Never empty: "unknown_service" when even the executable is unknown.
std::string service_name(const ProcessFacts& facts);

// The shortest command line that gives the process the same name (without its working
// folder): the command, and what it launches. Nothing else of the arguments is in it, for
// they hold passwords, addresses and keys. Empty where the executable alone names it.
std::vector<std::string> naming_args(const ProcessFacts& facts);

}  // namespace weft

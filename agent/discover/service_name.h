// SPDX-License-Identifier: Apache-2.0
// A service's name when nobody gave one: what a person would call the program. The rules
// and their reasons are in docs/service-name.md. Pure; any thread.
#pragma once

#include <string>
#include <string_view>

#include "agent/discover/proc/facts.h"

namespace weft {

// Never empty: "unknown_service" when even the executable is unknown.
std::string service_name(const ProcessFacts& facts);

}  // namespace weft

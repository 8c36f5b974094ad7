// SPDX-License-Identifier: Apache-2.0
// The logs that are open before the agent starts: their first write must not be what it is known by.
#pragma once

#include <string>

#include "agent/storage/files/patterns.h"

namespace weft::app {

// Whether any process below `proc` has a file open whose name is that of a log. Blocks: some
// microseconds for each open file of the host.
bool any_log_is_open(const storage::Patterns& patterns, const std::string& proc = "/proc");

}  // namespace weft::app

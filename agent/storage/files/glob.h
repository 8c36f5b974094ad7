// SPDX-License-Identifier: Apache-2.0
// Matches names of log files against globs, and derives the part of a glob that the kernel side can
// test.
#pragma once

#include <string_view>

#include "agent/port/engine.h"
#include "bpf/abi/weft_config.h"

namespace weft::storage {

// fnmatch(3) on the last component, and on the one before it if the glob has a slash.
bool matches(std::string_view glob, std::string_view folder, std::string_view name);

// The literal parts of the glob. Every name that matches() also passes this test, but not the
// reverse.
weft_pattern literals(const LogPattern& pattern);

}  // namespace weft::storage

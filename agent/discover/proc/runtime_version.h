// SPDX-License-Identifier: Apache-2.0
// Finds a runtime's version from the files that installers leave beside it. Small reads below
// /proc/PID/root; stays empty unless certain.
#pragma once

#include <string>
#include <string_view>

#include "agent/discover/proc/facts.h"

namespace weft {

// Sets runtime_version, and runtime_name if the installation says it, for facts.runtime; `file` is
// the runtime's executable or library as the process sees it.
void describe_version(const std::string& process, const std::string& file, ProcessFacts& facts);

// "3.11" of "python3.11", "libpython3.11.so.1.0", "php-fpm8.2"; "3.1" of "libruby-3.1.so.3.1". A
// major number alone is not a version.
std::string version_in_name(std::string_view name);
// At least MAJOR.MINOR.PATCH.
bool is_whole_version(std::string_view version);
// The value of NAME="VALUE", NAME='VALUE' or NAME=VALUE among lines; empty if absent.
std::string release_field(std::string_view text, std::string_view name);

}  // namespace weft

// SPDX-License-Identifier: Apache-2.0
// What functions are probed in, from all registries, and which files are watched.
#pragma once

#include <vector>

#include "agent/config/config.h"
#include "agent/kernel/hooks.h"
#include "agent/port/probe_target.h"
#include "agent/storage/files/patterns.h"

namespace weft::app {

// The rows of engines (if storage is traced), libraries and runtimes. They have static lifetime.
std::vector<const ProbeTarget*> probe_targets(const Config& config);

// What that needs of the kernel side.
kernel::Observed observed(const Config& config);

// The files of engines, the libraries of other targets, and the files that the user names.
Result<storage::Patterns> file_patterns(const Config& config);
// Those of them that are watched: without storage, the libraries of other targets alone.
std::vector<weft_pattern> watched_files(const Config& config, const storage::Patterns& patterns);

}  // namespace weft::app

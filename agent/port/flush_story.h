// SPDX-License-Identifier: Apache-2.0
// A flush of a log, as every engine tells it. docs/storage.md lists the attributes.
#pragma once

#include <string_view>

#include "agent/port/engine.h"

namespace weft {

// Names the story wal.flush and says what was done. system: db.system.name, empty: unknown.
void tell_flush(std::string_view system, const Work& work, bool durable, Story& story);

// Also who did it: "leader" wrote or synced itself, "follower" was served by another.
void tell_commit(std::string_view system, const Work& work, bool durable, Story& story);

}  // namespace weft

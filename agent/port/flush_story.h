// SPDX-License-Identifier: Apache-2.0
// A flush of a log, as every engine tells it. docs/storage.md lists the attributes.
#pragma once

#include <span>
#include <string_view>

#include "agent/port/engine.h"

namespace weft {

// Names the story wal.flush and says what was done. system: db.system.name, empty: unknown.
void tell_flush(std::string_view system, const Work& work, bool durable, Story& story);

// A call that returns when what it wrote is durable, or with an error. Also says who did it:
// "leader" wrote or synced itself, "follower" was served by another: by call.last_sync, if
// that is known.
void tell_commit(std::string_view system, const SiteCall& call, const Work& work, Story& story);

// A status the call returned becomes its error. names: of the codes; 0 is none.
void set_status(uint64_t code, std::span<const std::string_view> names, Story& story);

}  // namespace weft

// SPDX-License-Identifier: Apache-2.0
// A flush of a log, as every engine tells it. docs/storage.md lists the attributes.
#pragma once

#include <span>
#include <string_view>

#include "agent/port/engine.h"

namespace weft {

// Names the span tree wal.flush and says what was done. system: db.system.name, empty: unknown.
void describe_flush(std::string_view system, const IoSummary& summary, bool durable,
                    SpanTree& tree);

// A call that returns when what it wrote is durable, or with an error. Also says who did it:
// "leader" wrote or synced itself, "follower" was served by another: by call.last_sync, if
// that is known.
void describe_commit(std::string_view system, const ProbedCall& call, const IoSummary& summary,
                     SpanTree& tree);

// A status the call returned becomes its error. names: of the codes; 0 is none.
void set_status(uint64_t code, std::span<const std::string_view> names, SpanTree& tree);

}  // namespace weft

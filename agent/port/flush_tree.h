// SPDX-License-Identifier: Apache-2.0
// Describes a flush of a log in the same way for every engine. docs/storage.md lists the
// attributes.
#pragma once

#include <span>
#include <string_view>

#include "agent/port/engine.h"

namespace weft {

// Names the span tree wal.flush and sets its attributes. system: db.system.name, empty: unknown.
void describe_flush(std::string_view system, const IoSummary& summary, bool durable,
                    SpanTree& tree);

// Describes a call that returns once its data is durable, or with an error. Sets wal.role: a
// "leader" wrote or synced itself; a "follower" was served by another's sync, call.last_sync if
// known.
void describe_commit(std::string_view system, const ProbedCall& call, const IoSummary& summary,
                     SpanTree& tree);

// Turns the status that the call returned into the span's error. names: text per status code; 0
// means no error.
void set_status(uint64_t code, std::span<const std::string_view> names, SpanTree& tree);

}  // namespace weft

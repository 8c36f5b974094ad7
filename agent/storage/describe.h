// SPDX-License-Identifier: Apache-2.0
// Names and attributes of file operations. docs/storage.md lists them.
#pragma once

#include <string>

#include "agent/port/engine.h"

namespace weft::storage {

// Whether a write to the file is durable when it returns (O_DSYNC, O_SYNC).
bool writes_through(const LogFile& file);

// wal.sync: a sync, or a write that implies one. bytes: what it made durable.
void describe_sync(const FileOp& op, uint64_t bytes, SpanTree& tree);
// wal.flush: writes and the sync after them, inferred from file I/O only. engine: null if unknown.
void describe_flush(const Engine* engine, const IoSummary& summary, SpanTree& tree);
// wal.append: writes that nothing has synced.
void describe_append(const Engine* engine, const IoSummary& summary, SpanTree& tree);

}  // namespace weft::storage

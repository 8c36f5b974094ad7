// SPDX-License-Identifier: Apache-2.0
// Makes one span tree from pending I/O that belongs together. Pure.
#pragma once

#include <vector>

#include "agent/storage/pending_io.h"

namespace weft::storage {

// Puts the ios, in order of time, into the span tree: syncs, waits, nested calls and failed writes
// become children, other writes are only counted. The returned summary's `file` points into the
// ios' paths.
IoSummary fold_io(std::vector<PendingIo>& ios, SpanTree& tree);

// Makes the wal.flush or wal.append of writes and syncs (at least one io) that have no probed call.
// engine: null if unknown. tracer: adds what its engine knows; null if the engine is unknown.
PendingIo flush_of(std::vector<PendingIo> ios, const Engine* engine, EngineTracer* tracer);

// Replaces, in the pending I/O inside a call, each run of writes and syncs by one flush.
std::vector<PendingIo> with_flushes(std::vector<PendingIo> ios, const Engine& engine,
                                    EngineTracer& tracer);

}  // namespace weft::storage

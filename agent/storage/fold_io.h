// SPDX-License-Identifier: Apache-2.0
// From pending I/O that belong together to one tree. Pure.
#pragma once

#include <vector>

#include "agent/storage/pending_io.h"

namespace weft::storage {

// Puts the ios, in order of time, into the span tree: what took time becomes a part of it,
// writes are counted. The result views the pending I/O' paths.
IoSummary fold_io(std::vector<PendingIo>& ios, SpanTree& tree);

// The flush or append that some writes and syncs (at least one io) come to when no call
// tells; tracer: adds what its engine knows, null: nobody knows the engine.
PendingIo flush_of(std::vector<PendingIo> ios, const Engine* engine, EngineTracer* tracer);

// Of the pending I/O inside a call: each run of writes and syncs becomes one flush.
std::vector<PendingIo> with_flushes(std::vector<PendingIo> ios, const Engine& engine,
                                    EngineTracer& tracer);

}  // namespace weft::storage

// SPDX-License-Identifier: Apache-2.0
// Interprets PostgreSQL's calls; engine.cpp lists them.
#pragma once

#include <memory>

#include "agent/port/engine.h"

namespace weft::engine::postgresql {

// Stored in recordings: never reuse a number.
enum Call : uint8_t { kFlush, kWait, kNewSegment, kBackgroundFlush, kAsyncCommit, kRecord };

// Indexes of the values of kFlush and kAsyncCommit.
enum ValueIndex : uint8_t { kTarget, kLastRecord, kRecords, kPageImages, kBytes };

std::unique_ptr<EngineTracer> make_tracer();

}  // namespace weft::engine::postgresql

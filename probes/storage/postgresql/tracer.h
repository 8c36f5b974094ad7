// SPDX-License-Identifier: Apache-2.0
// What PostgreSQL's calls mean; see engine.cpp for the calls.
#pragma once

#include <memory>

#include "agent/port/engine.h"

namespace weft::engine::postgresql {

// Numbers travel in recordings: never reused.
enum Call : uint8_t { kFlush, kWait, kNewSegment, kBackgroundFlush, kAsyncCommit, kRecord };

// Indexes of the values of kFlush and kAsyncCommit.
enum ValueIndex : uint8_t { kTarget, kLastRecord, kRecords, kPageImages, kBytes };

std::unique_ptr<EngineTracer> make_tracer();

}  // namespace weft::engine::postgresql

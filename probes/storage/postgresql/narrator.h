// SPDX-License-Identifier: Apache-2.0
// What PostgreSQL's calls mean; see engine.cpp for the calls.
#pragma once

#include <memory>

#include "agent/port/engine.h"

namespace weft::engine::postgresql {

// Numbers travel in recordings: never reused.
enum Call : uint8_t { kFlush, kWait, kNewSegment, kBackgroundFlush, kAsyncCommit, kRecord };

std::unique_ptr<Narrator> make_narrator();

}  // namespace weft::engine::postgresql

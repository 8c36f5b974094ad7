// SPDX-License-Identifier: Apache-2.0
// Interprets LevelDB's calls; engine.cpp lists them.
#pragma once

#include <memory>

#include "agent/port/engine.h"

namespace weft::engine::leveldb {

enum Call : uint8_t { kWrite };
enum : size_t { kSync, kCode };  // indexes of kWrite's values; an absent kCode means no error

std::unique_ptr<EngineTracer> make_tracer();

}  // namespace weft::engine::leveldb

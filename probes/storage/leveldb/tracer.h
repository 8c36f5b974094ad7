// SPDX-License-Identifier: Apache-2.0
// What LevelDB's calls mean; see engine.cpp for the calls.
#pragma once

#include <memory>

#include "agent/port/engine.h"

namespace weft::engine::leveldb {

enum Call : uint8_t { kWrite };
enum : size_t { kSync, kCode };  // values of kWrite; no code: no error

std::unique_ptr<EngineTracer> make_tracer();

}  // namespace weft::engine::leveldb

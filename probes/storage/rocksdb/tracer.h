// SPDX-License-Identifier: Apache-2.0
// Interprets RocksDB's calls; engine.cpp lists them.
#pragma once

#include <memory>

#include "agent/port/engine.h"

namespace weft::engine::rocksdb {

enum Call : uint8_t { kWrite, kSyncWal };
enum : size_t { kSync, kCode };  // indexes of values; kSyncWal has only kCode

std::unique_ptr<EngineTracer> make_tracer();

}  // namespace weft::engine::rocksdb

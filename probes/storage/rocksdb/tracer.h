// SPDX-License-Identifier: Apache-2.0
// What RocksDB's calls mean; see engine.cpp for the calls.
#pragma once

#include <memory>

#include "agent/port/engine.h"

namespace weft::engine::rocksdb {

enum Call : uint8_t { kWrite, kSyncWal };
enum : size_t { kSync, kCode };  // values; kSyncWal has only the code

std::unique_ptr<EngineTracer> make_tracer();

}  // namespace weft::engine::rocksdb

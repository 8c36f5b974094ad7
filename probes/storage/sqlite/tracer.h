// SPDX-License-Identifier: Apache-2.0
// Interprets SQLite's calls; engine.cpp lists them.
#pragma once

#include <memory>

#include "agent/port/engine.h"

namespace weft::engine::sqlite {

enum Call : uint8_t { kStep, kBusy, kCheckpoint };

std::unique_ptr<EngineTracer> make_tracer();

}  // namespace weft::engine::sqlite

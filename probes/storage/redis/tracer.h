// SPDX-License-Identifier: Apache-2.0
// Interprets Redis's calls; engine.cpp lists them.
#pragma once

#include <memory>

#include "agent/port/engine.h"

namespace weft::engine::redis {

enum Call : uint8_t { kFlush };

std::unique_ptr<EngineTracer> make_tracer();

}  // namespace weft::engine::redis

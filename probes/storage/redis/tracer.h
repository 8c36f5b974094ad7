// SPDX-License-Identifier: Apache-2.0
// What Redis's calls mean; see engine.cpp for the calls.
#pragma once

#include <memory>

#include "agent/port/engine.h"

namespace weft::engine::redis {

enum Call : uint8_t { kFlush };

std::unique_ptr<EngineTracer> make_tracer();

}  // namespace weft::engine::redis

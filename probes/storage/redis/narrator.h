// SPDX-License-Identifier: Apache-2.0
// What Redis's calls mean; see engine.cpp for the calls.
#pragma once

#include <memory>

#include "agent/port/engine.h"

namespace weft::engine::redis {

enum Call : uint8_t { kFlush };

std::unique_ptr<Narrator> make_narrator();

}  // namespace weft::engine::redis

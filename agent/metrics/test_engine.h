// SPDX-License-Identifier: Apache-2.0
// An engine with only a name, for tests and benchmarks.
#pragma once

#include <string_view>

#include "agent/port/engine.h"

namespace weft::metrics {

constexpr Engine engine_called(std::string_view name) {
  Engine engine{};
  engine.target.name = name;
  return engine;
}

}  // namespace weft::metrics

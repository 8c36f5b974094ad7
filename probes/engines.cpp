// SPDX-License-Identifier: Apache-2.0
// Expands probes/engine.def: the one list of storage engines.
#include <vector>

#include "agent/port/engine.h"

#define ENGINE(id, folder)         \
  namespace weft::engine::folder { \
  extern const Engine kEngine;     \
  }
#include "probes/engine.def"
#undef ENGINE

namespace weft {

std::span<const Engine> engines() {
#define ENGINE(id, folder) engine::folder::kEngine,
  static const std::vector<Engine> kTable = {
#include "probes/engine.def"
  };
#undef ENGINE
  return kTable;
}

}  // namespace weft

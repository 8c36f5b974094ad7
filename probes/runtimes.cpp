// SPDX-License-Identifier: Apache-2.0
// Expands probes/runtime.def: the one list of runtimes.
#include <array>

#include "agent/port/runtime.h"

#define RUNTIME(id, folder)         \
  namespace weft::runtime::folder { \
  extern const Runtime kRuntime;    \
  }
#include "probes/runtime.def"
#undef RUNTIME

namespace weft {

std::span<const Runtime> runtimes() {
#define RUNTIME(id, folder) runtime::folder::kRuntime,
  static const std::array kTable = {
#include "probes/runtime.def"
  };
#undef RUNTIME
  return kTable;
}

}  // namespace weft

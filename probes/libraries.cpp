// SPDX-License-Identifier: Apache-2.0
// Expands probes/library.def: the one list of libraries.
#include <vector>

#include "agent/port/library.h"

#define LIBRARY(id, folder)         \
  namespace weft::library::folder { \
  extern const Library kLibrary;    \
  }
#include "probes/library.def"
#undef LIBRARY

namespace weft {

std::span<const Library> libraries() {
#define LIBRARY(id, folder) library::folder::kLibrary,
  static const std::vector<Library> kTable = {
#include "probes/library.def"
  };
#undef LIBRARY
  return kTable;
}

}  // namespace weft

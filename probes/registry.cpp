// SPDX-License-Identifier: Apache-2.0
// Expands probes/protocol.def: the one list of protocols. An explicit table, because a
// self-registering object in a static library is dropped by the linker.
#include <array>

#include "agent/port/protocol.h"

#define PROTOCOL(id, NAME, folder)   \
  namespace weft::protocol::folder { \
  extern const Protocol kProtocol;   \
  }
#include "probes/protocol.def"
#undef PROTOCOL

namespace weft {

std::span<const Protocol> protocols() {
#define PROTOCOL(id, NAME, folder) protocol::folder::kProtocol,
  static const std::array kTable = {
#include "probes/protocol.def"
  };
#undef PROTOCOL
  return kTable;
}

}  // namespace weft

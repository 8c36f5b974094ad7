// SPDX-License-Identifier: Apache-2.0
// What the last bytes of a long answer say, when those before them were not seen.
//
//   … row row CommandComplete ReadyForQuery      the rows may have held anything, also bytes
//   … row ErrorResponse ReadyForQuery            that look like a message
//
// Read from the end. A message found so is the one that was sent, because no other fits: a
// command tag has no NUL but its last byte; the fields of an error end at the first empty one,
// so that none of them goes on over the header of a message; and in neither is there a header
// with its NULs. A row before them can therefore pretend nothing that ends where they end.
#pragma once

#include <cstdint>
#include <string_view>

namespace weft::protocol::postgresql {

struct Ending {
  enum class Kind : uint8_t {
    kUnknown,   // not told by these bytes
    kComplete,  // CommandComplete, or EmptyQueryResponse
    kPortal,    // PortalSuspended
    kError
  };
  Kind kind = Kind::kUnknown;
  std::string_view body;  // of that message; within the bytes
  char state = '\0';      // of a ReadyForQuery at the end; '\0': none is there
};

// Does a ReadyForQuery end the bytes?
bool ends_ready(std::string_view bytes);

// Of a stream's newest bytes, up to where the server waits or has gone.
Ending read_ending(std::string_view bytes);

}  // namespace weft::protocol::postgresql

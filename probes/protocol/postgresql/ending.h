// SPDX-License-Identifier: Apache-2.0
// Reads the result of a long response from its last bytes, when those before were not seen.
//
//   … row row CommandComplete ReadyForQuery      the rows may contain anything, also bytes
//   … row ErrorResponse ReadyForQuery            that look like a message
//
// Read from the end. A message found this way was really sent, because no other one matches: a
// command tag has no NUL except its last byte; the fields of an error end at the first empty one,
// so none of them extends over the header of a message; and neither contains a header with its
// NULs. A row before them can therefore not imitate a message that ends where they end.
#pragma once

#include <cstdint>
#include <string_view>

namespace weft::protocol::postgresql {

struct Ending {
  enum class Kind : uint8_t {
    kUnknown,   // these bytes do not show it
    kComplete,  // CommandComplete, or EmptyQueryResponse
    kPortal,    // PortalSuspended
    kError
  };
  Kind kind = Kind::kUnknown;
  std::string_view body;  // of that message; within the bytes
  char state = '\0';      // of a ReadyForQuery at the end; '\0': there is none
};

// Do the bytes end with a ReadyForQuery?
bool ends_ready(std::string_view bytes);

// bytes: a stream's newest ones, up to where the server waits or has closed.
Ending read_ending(std::string_view bytes);

}  // namespace weft::protocol::postgresql

// SPDX-License-Identifier: Apache-2.0
// The error.type of an exchange that is still open when its connection ends; empty
// if that is no error.
//
//   what happened                    server span           client span
//   reset                            connection_reset      connection_reset
//   process ended                    process_exited        process_exited
//   server closed first              connection_closed     connection_closed
//   client closed, nothing answered  client_disconnected   no error: cancelled
//   client closed, answer under way  no error              no error: cancelled
#pragma once

#include <string_view>

#include "agent/port/protocol.h"

namespace weft {

// client_left: the request direction was closed first. answering: the response had begun.
constexpr std::string_view failure(CloseReason reason, Role role, bool client_left,
                                   bool answering) {
  switch (reason) {
    case CloseReason::kReset:
      return "connection_reset";
    case CloseReason::kKilled:
      return "process_exited";
    case CloseReason::kEnd:
      break;
  }
  if (!client_left) return "connection_closed";
  return role == Role::kServer && !answering ? "client_disconnected" : "";
}

}  // namespace weft

// SPDX-License-Identifier: Apache-2.0
// An exchange on its way to become a span.
#pragma once

#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "agent/base/ids.h"
#include "agent/base/trace_context.h"
#include "agent/discover/process.h"
#include "agent/port/exchange.h"
#include "agent/stream/connection.h"

namespace weft {

// How a parent was found; what weft.correlation says.
enum class Correlation : uint8_t {
  kNone,       // no parent
  kHeader,     // the request carried it
  kTuple,      // the other end of the same connection, at the same position
  kThread,     // the thread owns its connections and had one request open
  kCausality,  // the only open request of a pure request loop, read in the same run
};
std::string_view correlation_name(Correlation how);

// Shared between the tables that may still need it; one thread.
struct Node {
  SpanId id;
  TraceContext context;                 // trace and flags; trace invalid: not yet decided
  std::shared_ptr<Node> parent;         // in this agent's sight
  std::optional<SpanId> remote_parent;  // beyond it, announced by the request
  Correlation how = Correlation::kNone;
  std::optional<TraceContext> received;  // accepted header of the request
  Role role = Role::kServer;
  RequestStart start;
  ConnectionInfoPtr connection;
  ProcessPtr process;
  bool open = true;      // response not complete
  bool claimed = false;  // a client's: the server's end of it has been seen
};
using NodePtr = std::shared_ptr<Node>;

}  // namespace weft

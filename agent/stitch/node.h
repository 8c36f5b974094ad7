// SPDX-License-Identifier: Apache-2.0
// An exchange that is to become a span.
#pragma once

#include <optional>
#include <vector>

#include "agent/base/ids.h"
#include "agent/base/local_ptr.h"
#include "agent/base/trace_context.h"
#include "agent/discover/process.h"
#include "agent/port/exchange.h"
#include "agent/stitch/groups.h"
#include "agent/stitch/waiting.h"
#include "agent/stream/connection.h"

namespace weft {

// Whether the exchange will have a span; its children depend on it.
enum class Fate : uint8_t {
  kOpen,      // not decided yet
  kPromised,  // its id has been sent out: it is exported whatever happens
  kQuiet,     // no span from Weft: its process exports its own, whose id may be unknown
  kBuilt,     // its span is built: emitted now or when its own parent's fate is known
  kGone,      // no span: abandoned, or its process is not traced
};

// Shared by all tables that may still need it; one thread.
struct Node : Counted {
  SpanId id;
  TraceContext context;                 // trace and flags; trace invalid: not decided yet
  LocalPtr<Node> parent;                // if this agent sees it
  std::optional<SpanId> remote_parent;  // outside it, named by the request's header
  Correlation how = Correlation::kNone;
  std::optional<TraceContext> received;  // accepted header of the request
  Role role = Role::kServer;
  RequestStart start;
  ConnectionInfoPtr connection;
  ProcessPtr process;
  bool open = true;       // response not complete
  bool claimed = false;   // for a client: the server's end has been seen
  uint64_t ended = 0;     // time of the response's last byte; 0: open
  uint64_t answered = 0;  // for a client: when it had received a complete response without an
                          // error; 0: not
  Fate fate = Fate::kOpen;
  WaitingSpans waiting;  // spans waiting for this node's fate
  size_t watched = 0;    // index in WatchedNodes + 1; 0: not watched
  // Links while it is open: for a server in Tasks, for a client in Peers.
  GroupHook by_process, by_task, by_exchange, by_trace, by_context, by_inode;
};
using NodePtr = LocalPtr<Node>;

}  // namespace weft

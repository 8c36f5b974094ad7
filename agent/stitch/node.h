// SPDX-License-Identifier: Apache-2.0
// An exchange on its way to become a span.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "agent/base/ids.h"
#include "agent/base/trace_context.h"
#include "agent/discover/process.h"
#include "agent/port/exchange.h"
#include "agent/stitch/groups.h"
#include "agent/stitch/waiting.h"
#include "agent/stream/connection.h"

namespace weft {

// Whether there will be a span of it: what its children have to know.
enum class Fate : uint8_t {
  kOpen,      // nobody knows yet
  kPromised,  // its id has left: it is exported whatever happens
  kQuiet,     // no span of it here: its process tells it, by an id that need not be known
  kTold,      // its span is built: it leaves, now or when its own parent's fate is known
  kGone,      // abandoned, or of a process that is not traced: no span
};

// Shared between the tables that may still need it; one thread.
struct Node : std::enable_shared_from_this<Node> {
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
  bool open = true;       // response not complete
  bool claimed = false;   // a client's: the server's end of it has been seen
  uint64_t answered = 0;  // a client's: when it had all of an answer that is no error
  Fate fate = Fate::kOpen;
  WaitingSpans waiting;  // for this one's fate
  size_t watched = 0;    // WatchedNodes: place + 1
  // Where it is while it is open: a server's of Tasks, a client's of Peers.
  GroupHook by_process, by_thread, by_trace, by_context, by_inode;
};
using NodePtr = std::shared_ptr<Node>;

}  // namespace weft

// SPDX-License-Identifier: Apache-2.0
// Which request a process is working for: parents within a process.
#pragma once

#include <cstdint>
#include <unordered_map>
#include <vector>

#include "agent/stitch/node.h"

namespace weft {

// The request carried this context: the same parent span in the same trace.
bool has_received(const Node& node, const TraceContext& context);

// Requests being served, by process. One thread. A parent is given only when it is
// certain; the rules, first hit wins, X being the exchange the kernel side says is
// current on the sending thread:
//
//   process runs goroutines                              → none: threads prove nothing
//   X is not open here, or was read by another thread    → none
//   X's socket is not polled (the thread owns it) and X
//     is the only request this thread has open           → X, by thread
//   X's socket is polled, the process is an event loop that
//     only serves requests (nginx), X is the only one it
//     has open, and the thread has not slept since X became
//     current (or connected the socket then)             → X, by causality
//   otherwise                                            → none
class Tasks {
 public:
  void opened(const NodePtr& server);
  void closed(const NodePtr& server);
  // The process has ended.
  void forget(uint32_t pid);

  struct Parent {
    NodePtr node;
    Correlation how = Correlation::kNone;
  };
  Parent parent_of(const Stamp& client, const Process& process) const;
  // The request a thread that owns its connection is executing: of those it has read and not
  // answered, the one in the batch that ends first whose statement it is; if that cannot be
  // told, the last of the batch, at whose end the server commits.
  NodePtr executing(const Stamp& by, uint64_t statement) const;
  // Every open request of the process.
  std::vector<NodePtr> open(uint32_t pid) const;
  // The only open request of the process that continues this received context: the same
  // parent span if one has it, else the same trace. Null when there is none or several.
  NodePtr continuing(uint32_t pid, const TraceContext& context) const;
  // Whether any open request of the process received exactly this context.
  bool received(uint32_t pid, const TraceContext& context) const;

 private:
  // Kept while the process lives, for the next request is mostly soon.
  struct Open {
    std::vector<NodePtr> nodes;
    bool ended = false;
  };
  const std::vector<NodePtr>* find(uint32_t pid) const;

  std::unordered_map<uint32_t, Open> open_;  // by pid
};

}  // namespace weft

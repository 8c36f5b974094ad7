// SPDX-License-Identifier: Apache-2.0
// Which request a process is working for: parents within a process.
#pragma once

#include <cstdint>

#include "agent/stitch/keys.h"

namespace weft {

// The request carried this trace, which will be its own unless another had been decided before.
bool has_received(const Node& node, const TraceId& trace);

// Requests being served, which are owned elsewhere and closed before they end. One thread.
// What it costs does not depend on how many are open. A parent is given only when it is
// certain; the rules, first hit wins, X being the exchange the kernel side says is
// current on the sending thread:
//
//   process runs goroutines                              → none: threads prove nothing
//   X is not the only request this thread has open       → none
//   X's socket is not polled: the thread owns it         → X, by thread
//   X's socket is polled, the process is an event loop that
//     only serves requests (nginx), X is the only one it
//     has open, and the thread has not slept since X became
//     current (or connected the socket then)             → X, by event loop
//   otherwise                                            → none
class Tasks {
 public:
  void opened(Node& server);
  // Its `received` is set, once and for all. Nothing happens if it is not open.
  void heard(Node& server);
  void closed(Node& server);
  // The rest of its request is read in another exchange, whose stamp is `in`, and it counts
  // among the requests of another batch.
  void goes_on(Node& server, const Stamp& in, uint32_t batch);

  struct Parent {
    NodePtr node;
    Correlation how = Correlation::kNone;
  };
  Parent parent_of(const Stamp& client, const Process& process) const;
  // The request a thread that owns its connection is executing: of those it has read and not
  // answered, the one in the batch that ends first whose statement it is; if that cannot be
  // told, the last of the batch, at whose end the server commits.
  NodePtr executing(const Stamp& by, uint64_t statement) const;
  // The open requests of a process, oldest first; null at the end.
  Node* first_of(uint32_t pid) const { return by_process_.first({pid}); }
  static Node* next(Node& node) { return Groups<ByProcess>::next(node); }
  // The only open request of the process that continues this received context: the same
  // parent span if one has it, else the same trace. Null when there is none or several.
  NodePtr continuing(uint32_t pid, const TraceContext& context) const;
  // Whether any open request of the process received exactly this context.
  bool received(uint32_t pid, const TraceContext& context) const;

 private:
  Groups<ByProcess> by_process_;
  Groups<ByThread> by_thread_;
  Groups<ByTrace> by_trace_;
  Groups<ByContext> by_context_;
};

}  // namespace weft

// SPDX-License-Identifier: Apache-2.0
// Finds the request that a process is working for: parents within a process.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "agent/port/runtime.h"
#include "agent/stitch/keys.h"

namespace weft {

// The request's header named this trace, which becomes its own unless another was already decided.
bool has_received(const Node& node, const TraceId& trace);

// The requests being served. Owned elsewhere; closed() before they are destroyed. One thread.
// The cost does not depend on how many are open. A parent is given only when it is certain.
// The first matching rule decides; X is the exchange that the kernel side reports as current on
// the sending task:
//
//   the runtime names the task, and X is one request      → X, by task
//   process runs goroutines                              → none: threads prove nothing
//   X is not the only request this thread has open       → none
//   X's socket is not polled: the thread owns it         → X, by thread
//   X's socket is polled, the process is an event loop that
//     only serves requests (Runtime), X is the only one it
//     has open, and the thread has not slept since X became
//     current (or connected the socket then)             → X, by event loop
//   otherwise                                            → none
class Tasks {
 public:
  // runtimes: outlive this.
  explicit Tasks(std::span<const Runtime> runtimes);

  // From now on working_on() and owner() find requests. Before that they find some only if a
  // runtime names its tasks: no other rule needs this table, which costs an insertion for each
  // request.
  void index_exchanges() { indexes_exchanges_ = true; }
  void opened(Node& server);
  // The node's `received` is now set and final. No effect if the node is not open.
  void heard(Node& server);
  void closed(Node& server);
  // The rest of its request arrives in another exchange, whose stamp is `in`, and the request now
  // belongs to batch `batch`.
  void goes_on(Node& server, const Stamp& in, uint32_t batch);

  struct Parent {
    NodePtr node;
    Correlation how = Correlation::kNone;
  };
  Parent parent_of(const Stamp& client, const Process& process) const;
  // The open request that began in this exchange; null: none, or several.
  NodePtr working_on(uint64_t exchange_id) const {
    return NodePtr(by_exchange_.only({exchange_id}));
  }
  // Whose sends are certain to be for this request: 0 its task's, else those of this thread, which
  // owns the connection and has no other request open. None: nobody's.
  std::optional<uint32_t> owner(const Node& server) const;
  // The request that a thread owning its connection is executing. Among those it has read and not
  // answered, it is the one with this statement in the batch that ends first; if none has it, the
  // last of that batch, at whose end the server commits.
  NodePtr executing(const Stamp& by, uint64_t statement) const;
  // The open requests of a process, oldest first; null at the end.
  Node* first_of(uint32_t pid) const { return by_process_.first({pid}); }
  static Node* next(Node& node) { return Groups<ByProcess>::next(node); }
  // The only open request of the process that received this trace context: with the same parent
  // span if there is one, else with the same trace. Null: none or several.
  NodePtr continuing(uint32_t pid, const TraceContext& context) const;
  // Whether any open request of the process received exactly this trace context.
  bool received(uint32_t pid, const TraceContext& context) const;

 private:
  bool only_serves_requests(const Process& process) const;

  std::span<const Runtime> runtimes_;
  Groups<ByProcess> by_process_;
  Groups<ByTask> by_task_;
  Groups<ByExchange> by_exchange_;
  bool indexes_exchanges_;
  Groups<ByTrace> by_trace_;
  Groups<ByContext> by_context_;
};

}  // namespace weft

// SPDX-License-Identifier: Apache-2.0
#include "agent/stitch/tasks.h"

#include <algorithm>

#include "agent/base/path.h"
#include "bpf/abi/weft_event.h"

namespace weft {
namespace {

ByContext key_of(uint32_t pid, const TraceContext& context) {
  return {{pid, context.trace}, context.parent};
}

// Among the requests from `first` on: the one in `first`'s batch with this statement, else the last
// of that batch. exchange_id: only those of this exchange; 0: all.
Node* in_batch(Node* first, uint64_t statement, uint64_t exchange_id) {
  Node* last = nullptr;
  for (Node* node = first; node; node = Groups<ByTask>::next(*node)) {
    if (exchange_id != 0 && node->start.stamp.exchange_id != exchange_id) continue;
    if (last && last->start.batch != node->start.batch) break;
    if (statement != 0 && node->start.statement == statement) return node;
    last = node;
  }
  return last;
}

}  // namespace

Tasks::Tasks(std::span<const Runtime> runtimes)
    : runtimes_(runtimes),
      indexes_exchanges_(std::ranges::any_of(runtimes, [](const Runtime& runtime) {
        return runtime.task_id.from != TaskId::From::kThread;
      })) {}

// Other event loops run timers and resumed tasks in the same run as the read, so what they send
// next need not belong to what they read last (measured: a poller beside requests in asyncio and
// Node got 11 of 60 parents wrong).
bool Tasks::only_serves_requests(const Process& process) const {
  const std::string_view name = base_name(process.facts.exe);
  return std::ranges::any_of(runtimes_, [name](const Runtime& runtime) {
    return runtime.only_serves_requests &&
           std::ranges::find(runtime.target.executables, name) != runtime.target.executables.end();
  });
}

bool has_received(const Node& node, const TraceId& trace) {
  return node.received && node.received->trace == trace;
}

void Tasks::opened(Node& server) {
  by_process_.add(server);
  by_task_.add(server);
  if (indexes_exchanges_) by_exchange_.add(server);
}

void Tasks::heard(Node& server) {
  if (!server.by_process.is_linked()) return;
  by_trace_.add(server);
  by_context_.add(server);
}

void Tasks::closed(Node& server) {
  by_process_.remove(server);
  by_task_.remove(server);
  by_exchange_.remove(server);
  by_trace_.remove(server);
  by_context_.remove(server);
}

void Tasks::goes_on(Node& server, const Stamp& in, uint32_t batch) {
  if (!server.by_task.is_linked()) return;
  by_task_.remove(server);
  by_exchange_.remove(server);
  server.start.stamp.exchange_id = in.exchange_id;
  server.start.stamp.tid = in.tid;
  server.start.stamp.task = in.task;
  server.start.batch = batch;
  by_task_.add(server);
  if (indexes_exchanges_) by_exchange_.add(server);
}

Tasks::Parent Tasks::parent_of(const Stamp& client, const Process& process) const {
  if (client.current_exchange == 0) return {};
  if (client.task != 0) {
    NodePtr current = working_on(client.current_exchange);
    if (!current || current->start.stamp.pid != client.pid) return {};
    return {std::move(current), Correlation::kTask};
  }
  if (process.facts.tasks == TaskModel::kGoroutine) return {};
  Node* const current = by_task_.only(ByTask::of(client));
  if (!current || current->start.stamp.exchange_id != client.current_exchange) return {};
  const bool polled = (current->start.stamp.flags & WEFT_DATA_POLLED) != 0;
  if (!polled) return {NodePtr(current), Correlation::kThread};
  const bool no_sleep = (client.flags & WEFT_DATA_NO_SLEEP) != 0;
  if (!no_sleep || !by_process_.only({client.pid}) || !only_serves_requests(process)) return {};
  return {NodePtr(current), Correlation::kEventLoop};
}

std::optional<uint32_t> Tasks::owner(const Node& server) const {
  const Stamp& read = server.start.stamp;
  if (by_exchange_.only({read.exchange_id}) != &server) return std::nullopt;
  if (read.task != 0) return 0;
  const bool owned = (read.flags & WEFT_DATA_POLLED) == 0 &&
                     server.process->facts.tasks != TaskModel::kGoroutine &&
                     by_task_.only(ByTask::of(server)) == &server;
  return owned ? std::optional(read.tid) : std::nullopt;
}

NodePtr Tasks::executing(const Stamp& by, uint64_t statement) const {
  if (by.current_exchange == 0) return nullptr;
  Node* const first = by_task_.first(ByTask::of(by));
  Node* found = in_batch(first, statement, by.current_exchange);
  // A request may continue in a later exchange: rows for a COPY.
  return NodePtr(found ? found : in_batch(first, statement, 0));
}

NodePtr Tasks::continuing(uint32_t pid, const TraceContext& context) const {
  Node* const same_parent = by_context_.only(key_of(pid, context));
  return NodePtr(same_parent ? same_parent : by_trace_.only({pid, context.trace}));
}

bool Tasks::received(uint32_t pid, const TraceContext& context) const {
  return by_context_.first(key_of(pid, context)) != nullptr;
}

}  // namespace weft

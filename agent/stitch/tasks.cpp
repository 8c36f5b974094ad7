// SPDX-License-Identifier: Apache-2.0
#include "agent/stitch/tasks.h"

#include <algorithm>

#include "agent/base/path.h"
#include "bpf/abi/weft_event.h"

namespace weft {
namespace {

uint32_t pid_of(const Node& node) {
  return node.start.stamp.pid;
}

// Event loops that do nothing but serve requests. Others run timers and resumed tasks in
// the same run as the read, so what they send next need not belong to what they read last
// (measured: a poller beside requests in asyncio and Node got 11 of 60 parents wrong).
constexpr std::string_view kRequestLoops[] = {"nginx"};

bool is_request_loop(const Process& process) {
  const std::string_view name = base_name(process.facts.exe);
  return std::ranges::find(kRequestLoops, name) != std::end(kRequestLoops);
}

}  // namespace

bool has_received(const Node& node, const TraceContext& context) {
  return node.received && node.received->trace == context.trace &&
         node.received->parent == context.parent;
}

void Tasks::opened(const NodePtr& server) {
  open_[pid_of(*server)].nodes.push_back(server);
}

void Tasks::closed(const NodePtr& server) {
  const auto it = open_.find(pid_of(*server));
  if (it == open_.end()) return;
  std::erase(it->second.nodes, server);
  if (it->second.ended && it->second.nodes.empty()) open_.erase(it);
}

void Tasks::forget(uint32_t pid) {
  const auto it = open_.find(pid);
  if (it == open_.end()) return;
  it->second.ended = true;
  if (it->second.nodes.empty()) open_.erase(it);
}

// Null: it has none.
const std::vector<NodePtr>* Tasks::find(uint32_t pid) const {
  const auto it = open_.find(pid);
  return it == open_.end() || it->second.nodes.empty() ? nullptr : &it->second.nodes;
}

Tasks::Parent Tasks::parent_of(const Stamp& client, const Process& process) const {
  if (process.facts.tasks == TaskModel::kGoroutine || client.task_xid == 0) return {};
  const std::vector<NodePtr>* of_process = find(client.pid);
  if (!of_process) return {};
  const std::vector<NodePtr>& open = *of_process;
  const auto current = std::ranges::find_if(open, [&](const NodePtr& node) {
    return node->start.stamp.xid == client.task_xid && node->start.stamp.tid == client.tid;
  });
  if (current == open.end()) return {};
  const bool polled = ((*current)->start.stamp.flags & WEFT_DATA_WATCHED) != 0;
  if (polled) {
    const bool unbroken = (client.flags & WEFT_DATA_UNBROKEN) != 0;
    if (open.size() == 1 && unbroken && is_request_loop(process)) {
      return {*current, Correlation::kCausality};
    }
    return {};
  }
  const auto of_thread = std::ranges::count_if(
      open, [&](const NodePtr& node) { return node->start.stamp.tid == client.tid; });
  if (of_thread == 1) return {*current, Correlation::kThread};
  return {};
}

NodePtr Tasks::executing(const Stamp& by, uint64_t statement) const {
  const std::vector<NodePtr>* open = find(by.pid);
  if (!open || by.task_xid == 0) return nullptr;
  const auto first_batch = [&](auto is_its_own) {
    std::vector<NodePtr> batch;
    for (const NodePtr& node : *open) {
      const RequestStart& start = node->start;
      if (start.stamp.tid != by.tid || !is_its_own(start.stamp.xid)) continue;
      if (!batch.empty() && start.batch != batch.front()->start.batch) break;
      batch.push_back(node);
    }
    return batch;
  };
  std::vector<NodePtr> batch = first_batch([&](uint64_t xid) { return xid == by.task_xid; });
  // A request may go on in a later exchange: rows for a COPY.
  if (batch.empty()) batch = first_batch([](uint64_t) { return true; });
  if (batch.empty()) return nullptr;
  const auto named = std::ranges::find_if(batch, [&](const NodePtr& node) {
    return statement != 0 && node->start.statement == statement;
  });
  return named != batch.end() ? *named : batch.back();
}

std::vector<NodePtr> Tasks::open(uint32_t pid) const {
  const std::vector<NodePtr>* open = find(pid);
  return open ? *open : std::vector<NodePtr>();
}

NodePtr Tasks::continuing(uint32_t pid, const TraceContext& context) const {
  const std::vector<NodePtr>* open = find(pid);
  if (!open) return nullptr;
  const auto only = [&](auto matches) -> NodePtr {
    NodePtr found;
    for (const NodePtr& node : *open) {
      if (!node->received || node->received->trace != context.trace || !matches(*node)) continue;
      if (found) return nullptr;
      found = node;
    }
    return found;
  };
  const NodePtr same_parent =
      only([&](const Node& node) { return node.received->parent == context.parent; });
  return same_parent ? same_parent : only([](const Node&) { return true; });
}

bool Tasks::received(uint32_t pid, const TraceContext& context) const {
  const std::vector<NodePtr>* open = find(pid);
  return open && std::ranges::any_of(
                     *open, [&](const NodePtr& node) { return has_received(*node, context); });
}

}  // namespace weft

// SPDX-License-Identifier: Apache-2.0
// The keys by which nodes are found.
#pragma once

#include <cstring>

#include "agent/stitch/groups.h"
#include "agent/stitch/node.h"

namespace weft {

// Applications choose ids: without a seed they could all fall into one bucket.
inline uint64_t mix(uint64_t value) {
  static const uint64_t kSeed = to_u64(SpanId::random());
  value = (value ^ kSeed) * 0x9e3779b97f4a7c15u;
  return (value ^ value >> 32) * 0xd6e8feb86659fd93u >> 16;
}

inline const TraceContext& received_by(const Node& node) {
  static const TraceContext kNone;
  return node.received ? *node.received : kNone;
}

struct ByProcess {
  uint32_t pid;

  static ByProcess of(const Node& node) { return {node.start.stamp.pid}; }
  static GroupHook& hook(Node& node) { return node.by_process; }
  uint64_t hash() const { return mix(pid); }
  bool operator==(const ByProcess&) const = default;
};

// The task that read the request: a task of the process's runtime, else the thread.
struct ByTask {
  uint32_t pid;
  uint32_t tid;   // 0 if the runtime names the task
  uint64_t task;  // 0 if not

  static ByTask of(const Stamp& stamp) {
    return {stamp.pid, stamp.task == 0 ? stamp.tid : 0, stamp.task};
  }
  static ByTask of(const Node& node) { return of(node.start.stamp); }
  static GroupHook& hook(Node& node) { return node.by_task; }
  uint64_t hash() const { return mix((uint64_t{pid} << 32 | tid) ^ task * 0x9e3779b97f4a7c15u); }
  bool operator==(const ByTask&) const = default;
};

// The exchange in which the request began.
struct ByExchange {
  uint64_t exchange_id;

  static ByExchange of(const Node& node) { return {node.start.stamp.exchange_id}; }
  static GroupHook& hook(Node& node) { return node.by_exchange; }
  uint64_t hash() const { return mix(exchange_id); }
  bool operator==(const ByExchange&) const = default;
};

// The trace id in the received header. A node without a header is in no such group.
struct ByTrace {
  uint32_t pid;
  TraceId trace;

  static ByTrace of(const Node& node) { return {node.start.stamp.pid, received_by(node).trace}; }
  static GroupHook& hook(Node& node) { return node.by_trace; }
  uint64_t hash() const {
    uint64_t halves[2];
    std::memcpy(halves, trace.bytes.data(), sizeof halves);
    return mix(mix(halves[0] ^ pid) ^ halves[1]);
  }
  bool operator==(const ByTrace&) const = default;
};

// The received trace id and parent span id.
struct ByContext {
  ByTrace trace;
  SpanId parent;

  static ByContext of(const Node& node) { return {ByTrace::of(node), received_by(node).parent}; }
  static GroupHook& hook(Node& node) { return node.by_context; }
  uint64_t hash() const { return mix(trace.hash() ^ to_u64(parent)); }
  bool operator==(const ByContext&) const = default;
};

// The client's end of a Unix socket.
struct ByInode {
  uint64_t inode;

  static ByInode of(const Node& node) { return {node.connection->inode}; }
  static GroupHook& hook(Node& node) { return node.by_inode; }
  uint64_t hash() const { return mix(inode); }
  bool operator==(const ByInode&) const = default;
};

}  // namespace weft

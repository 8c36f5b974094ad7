// SPDX-License-Identifier: Apache-2.0
#include "agent/stitch/builder.h"

#include <algorithm>

#include "agent/base/semconv.h"

namespace weft {
namespace {

// Sets the client, unless the protocol did: the client that a proxy speaks for, else the peer.
void add_client(Attributes& attributes, const ConnectionInfo& connection) {
  if (attributes.find(semconv::kClientAddress)) return;
  if (connection.client) {
    attributes.set(semconv::kClientAddress, connection.client->text());
    attributes.set(semconv::kClientPort, static_cast<uint32_t>(connection.client->port));
  } else if (connection.family != WEFT_FAMILY_UNIX) {
    attributes.set(semconv::kClientAddress, connection.remote_address);
  }
}

void add_peer(Attributes& attributes, const Node& node) {
  const ConnectionInfo& connection = *node.connection;
  if (connection.family == WEFT_FAMILY_UNIX) {
    attributes.set(semconv::kNetworkTransport, "unix");
    return;
  }
  const std::string& peer = connection.remote_address;
  attributes.set(semconv::kNetworkPeerAddress, peer);
  attributes.set(semconv::kNetworkPeerPort, static_cast<uint32_t>(connection.remote.port));
  if (node.role == Role::kClient && !attributes.find(semconv::kServerAddress)) {
    attributes.set(semconv::kServerAddress, peer);
    attributes.set(semconv::kServerPort, static_cast<uint32_t>(connection.remote.port));
  }
}

// The server's end is no later than its client's: once the client has received the response, the
// server has sent it, though the sending call may return later. For Unix sockets the kernel reports
// a send only at that return.
uint64_t end_of(const Node& node, uint64_t end) {
  const bool joined = node.parent && node.how == Correlation::kConnection;
  if (joined && node.parent->answered != 0) end = std::min(end, node.parent->answered);
  return std::max(end, node.start.stamp.time);
}

}  // namespace

BuiltSpanPtr build_span(const Node& node, Outcome&& outcome, const WallClock& clock) {
  auto span = std::make_shared<BuiltSpan>();
  span->trace = node.context.trace;
  span->id = node.id;
  if (node.parent) {
    span->parent = node.parent->id;
    span->parent_is_remote = node.parent->start.stamp.pid != node.start.stamp.pid;
  } else if (node.remote_parent) {
    span->parent = *node.remote_parent;
    span->parent_is_remote = true;
  }
  span->trace_flags = node.context.flags;
  span->trace_state = node.context.trace_state;
  span->name = std::move(outcome.name);
  const SpanKind by_role = node.role == Role::kServer ? SpanKind::kServer : SpanKind::kClient;
  span->kind = outcome.kind.value_or(by_role);
  span->start = clock.to_unix(node.start.stamp.time);
  span->end = clock.to_unix(end_of(node, outcome.end_time));
  span->attributes = std::move(outcome.attributes);
  add_peer(span->attributes, node);
  if (node.role == Role::kServer) add_client(span->attributes, *node.connection);
  if (!outcome.error_type.empty()) {
    span->attributes.set(semconv::kErrorType, std::move(outcome.error_type));
  }
  if (outcome.error) span->status = StatusCode::kError;
  if (outcome.unseen) span->attributes.set(semconv::kWeftOutcome, "unknown");
  for (const Moment& event : outcome.events) {
    span->events.push_back({.time = clock.to_unix(event.time), .name = std::string(event.name)});
  }
  span->links = std::move(outcome.links);
  span->of_exchange = true;
  span->how = node.how;
  span->announced = node.remote_parent;
  span->resource = node.process->resource;
  return span;
}

Outcome incomplete(const Node& node, uint64_t now) {
  const Protocol& protocol = *node.connection->protocol;
  Outcome outcome;
  outcome.end_time = now;
  outcome.name = protocol.span_name.empty() ? protocol.name : protocol.span_name;
  outcome.attributes.set(semconv::kWeftIncomplete, Value(true));
  return outcome;
}

}  // namespace weft

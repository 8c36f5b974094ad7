// SPDX-License-Identifier: Apache-2.0
// Trace contexts that the kernel side decides: what it is told, and what it announces.
#include <algorithm>
#include <utility>

#include "agent/stitch/stitcher.h"

namespace weft {

void Stitcher::on_context(const weft_ev_context& event) {
  contexts_.add(event);
}

// The context left with the first byte: nothing may contradict it.
void Stitcher::follow(Node& client) {
  const auto carried = contexts_.take(client.start.stamp.exchange_id);
  if (!carried || client.id != span_id_from(carried->exchange_id)) return;
  std::ranges::copy(carried->trace_id, client.context.trace.bytes.begin());
  client.context.flags = carried->trace_flags;
  if (client.parent && client.parent->start.stamp.exchange_id == carried->parent) return;
  client.parent = tasks_.working_on(carried->parent);
  if (!client.parent) client.remote_parent = span_id_from(carried->parent);
  client.how = client.start.stamp.task != 0 ? Correlation::kTask : Correlation::kThread;
}

void Stitcher::tell_decided(Node& server) {
  if (!decided_ || server.fate != Fate::kOpen) return;
  const auto owner = tasks_.owner(server);
  if (!owner) return;
  decide_trace(server);
  weft_exchange_context context{};
  std::ranges::copy(server.context.trace.bytes, context.trace_id);
  context.tid = *owner;
  context.trace_flags = server.context.flags;
  decided_(server.start.stamp.exchange_id, context);
}

}  // namespace weft

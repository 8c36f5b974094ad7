// SPDX-License-Identifier: Apache-2.0
// Stitcher: a span is emitted when it is certain that its parent is exported too.
#include <algorithm>

#include "agent/base/semconv.h"
#include "agent/stitch/builder.h"
#include "agent/stitch/stitcher.h"

namespace weft {
namespace {

void begin_trace(BuiltSpan& span) {
  span.parent = span.announced.value_or(SpanId{});
  span.parent_is_remote = span.announced.has_value();
  span.how = span.announced ? Correlation::kHeader : Correlation::kNone;
}

// HTTP's class of status; else whether it failed.
weft_status status_of(const Outcome& outcome, const Protocol& protocol) {
  if (protocol.status_at == 0) {
    if (outcome.unseen) return WEFT_STATUS_NONE;
    return outcome.error ? WEFT_STATUS_ERROR : WEFT_STATUS_OK;
  }
  const Value* const code = outcome.attributes.find(semconv::kHttpResponseStatusCode);
  const auto* const number = code ? std::get_if<int64_t>(code) : nullptr;
  const int64_t status = number ? *number / 100 : 0;
  return status <= WEFT_STATUS_5XX ? static_cast<weft_status>(status) : WEFT_STATUS_NONE;
}

}  // namespace

// parent: the node that the span names as its parent; null: none that this agent sees.
void Stitcher::leave(BuiltSpanPtr span, Node* parent) {
  if (!parent) return emit_span(std::move(span));
  if (parent->fate == Fate::kOpen) {
    parent->waiting.push(std::move(span));
    watched_.add(*parent, now_);
    if (++waiting_ > WatchedNodes::kMostWaiting) promise(*parent);
    return;
  }
  if (parent->fate == Fate::kQuiet) return leave_above(std::move(span), *parent);
  // The application chose another sampled flag for its part of the trace.
  const bool sampled_out = share_.parent_based() && (span->trace_flags & kFlagSampled) != 0 &&
                           (parent->context.flags & kFlagSampled) == 0;
  if (parent->fate == Fate::kGone || sampled_out) begin_trace(*span);
  emit_span(std::move(span));
}

// The parent is exported by the application, under an id of its own. The id announced on the wire
// belongs to that trace: it is the parent itself (of a client exchange) or the parent's parent (of
// a server exchange).
void Stitcher::leave_above(BuiltSpanPtr span, Node& quiet) {
  const bool same_trace = quiet.received && quiet.received->trace == span->trace;
  if (!span->announced && same_trace) span->announced = quiet.received->parent;
  Node* const above = quiet.parent.get();
  if (span->announced || !above || above->context.trace != span->trace) {
    begin_trace(*span);
    return emit_span(std::move(span));
  }
  span->parent = above->id;
  span->parent_is_remote = true;
  leave(std::move(span), above);
}

void Stitcher::emit_span(BuiltSpanPtr span) {
  if (span->how != Correlation::kNone) {
    span->attributes.set(semconv::kWeftCorrelation, correlation_name(span->how));
  }
  if (span->of_exchange) parents_[static_cast<size_t>(span->how)]->add();
  emitted_.add();
  spans_.push(std::move(span));
}

void Stitcher::decide_fate(Node& node, Fate fate) {
  node.fate = fate;
  if (fate != Fate::kPromised) watched_.remove(node);
  while (BuiltSpanPtr span = node.waiting.pop()) {
    --waiting_;
    leave(std::move(span), &node);
  }
}

// Promises an open exchange: from now on its id may be sent out. False: it will have no span.
bool Stitcher::promise(Node& node) {
  if (node.fate == Fate::kQuiet) return false;
  if (!is_traced(node)) {
    decide_fate(node, Fate::kGone);
    return false;
  }
  decide_trace(node);
  watched_.add(node, now_);
  decide_fate(node, Fate::kPromised);
  return true;
}

// The exchange cannot be reported.
void Stitcher::lose(Node& node) {
  if (node.fate == Fate::kQuiet) return;
  if (node.fate != Fate::kPromised) return decide_fate(node, Fate::kGone);
  leave(build_span(node, incomplete(node, now_), clock_), node.parent.get());
  decide_fate(node, Fate::kBuilt);
}

// Where a client's bytes are seen only after the send (Unix sockets, layers above a socket), the
// server may have answered before the client's record is made.
bool Stitcher::may_join_later(const Node& node) {
  const ConnectionInfo& connection = *node.connection;
  return node.role == Role::kServer && !node.parent && !node.context.trace.valid() &&
         (connection.family == WEFT_FAMILY_UNIX || connection.transport != 0);
}

void Stitcher::measure(const Node& node, const Outcome& outcome) const {
  const ConnectionInfo& connection = *node.connection;
  const bool server = node.role == Role::kServer;
  const uint64_t began = node.start.stamp.time;
  requests_->request({.pid = node.start.stamp.pid,
                      .resource = &node.process->resource->attributes,
                      .port = server ? connection.local.port : connection.remote.port,
                      .protocol = connection.protocol->id,
                      .role = node.role,
                      .status = status_of(outcome, *connection.protocol),
                      .duration = std::max(outcome.end_time, began) - began});
}

// True: no span of the trace is exported, so these are not built.
bool Stitcher::is_sampled_out(const TraceContext& context, size_t spans) {
  if (share_.keeps(context.trace, context.flags)) return false;
  emitted_.add(spans);
  sampled_out_.add(spans);
  return true;
}

void Stitcher::report(Node& node, Outcome&& outcome) {
  decide_trace(node);
  tallies_.count(node.start.stamp.pid, *node.connection->protocol, outcome.error);
  if (is_sampled_out(node.context, 1)) return decide_fate(node, Fate::kBuilt);
  leave(build_span(node, std::move(outcome), clock_), node.parent.get());
  decide_fate(node, Fate::kBuilt);
}

void Stitcher::report_late(uint64_t now) {
  while (!late_.empty() && late_.front().due <= now) {
    Late late = std::move(late_.front());
    late_.pop_front();
    report(*late.node, std::move(late.outcome));
  }
}

void Stitcher::sweep(uint64_t now) {
  report_late(now);
  for (Node* node : watched_.due(now)) promise(*node);
}

void Stitcher::stop() {
  report_late(UINT64_MAX);
  while (!watched_.empty()) {
    Node& node = watched_.last();
    if (promise(node)) lose(node);  // spans that wait for it keep their parent
  }
}

}  // namespace weft

// SPDX-License-Identifier: Apache-2.0
// Turns exchanges into spans: gives each its ids and its parent.
#pragma once

#include <algorithm>
#include <array>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>

#include "agent/base/clock.h"
#include "agent/base/counter.h"
#include "agent/discover/process_table.h"
#include "agent/port/request_meter.h"
#include "agent/port/span_tree.h"
#include "agent/sample/trace_share.h"
#include "agent/span/span.h"
#include "agent/stitch/announced_contexts.h"
#include "agent/stitch/node.h"
#include "agent/stitch/peers.h"
#include "agent/stitch/seen_ids.h"
#include "agent/stitch/tallies.h"
#include "agent/stitch/tasks.h"
#include "agent/stream/connection.h"
#include "bpf/abi/weft_config.h"

namespace weft {

// One thread. A parent is set only when it is certain; else the span starts a trace.
// Where parents come from; the first match wins:
//   server     the client exchange at the other end (connection), else the received header
//   client     the request that the process is serving (thread, event loop), else the open
//              request whose received header this request carries too (header)
//   span tree  of an engine: the request that the thread is serving (thread), as for clients
// An application's own traceparent on an outgoing request is never contradicted: the client
// span takes the id that the application announced. If the application only passed on what it
// had received, or sent the same id before (a batch job, a prepared statement), the span gets
// an id of its own and the announced id becomes its parent.
//
// A parent's id is exported only if the parent is exported too (or its id was on the wire).
// A span whose parent is still open waits for it, at most WatchedNodes::kPatience, and starts a
// trace if the parent turns out to have no span. After kPatience, or once a link names it, the
// open exchange is promised: if it is lost afterwards, what is known of it is exported with
// weft.incomplete = true.
//
// For a process that exports its own spans (ProcessTable::exports_spans) no exchange gets a
// span; nor does an export of spans, at either end. A child of such an exchange gets as parent
// the span that the application announced, else the exchange's own parent, else starts a trace.
class Stitcher : public ExchangeSinkFactory, public SpanTreeSink {
 public:
  // share: decides about traces that start here. runtimes: the registry's rows. Both outlive this.
  Stitcher(ProcessTable& processes, std::span<const Runtime> runtimes, const TraceShare& share,
           SpanSink& spans, CounterSet& counters);
  ~Stitcher() override;

  std::unique_ptr<ExchangeSink> open(ConnectionInfoPtr connection) override;
  ParentRefPtr parent_ref(const Stamp& by, uint64_t statement, bool thread_owns) override;
  SpanContextPtr reserve_context(const ParentRefPtr& parent_ref) override;
  void emit(SpanTree tree) override;
  // A context that the kernel side announced for an exchange, before its begin.
  void on_context(const weft_ev_context& event);
  // decided: called when the trace of a server's request is decided and it is certain that what its
  // task sends belongs to it. Traces are then decided as soon as a request's head is complete.
  using Decided = std::function<void(uint64_t exchange_id, const weft_exchange_context& context)>;
  void set_on_decided(Decided decided) {
    tasks_.index_exchanges();
    decided_ = std::move(decided);
  }
  // Told of every request that a traced process has served or sent. Outlives this.
  void set_meter(RequestMeter& meter) { requests_ = &meter; }
  // Called while not all traces are kept, once for each server's connection: whether its requests
  // carry contexts.
  using Origin = std::function<void(uint64_t connection, bool continued)>;
  void set_on_origin(Origin origin) { origin_ = std::move(origin); }
  // Emits spans that have waited for WatchedNodes::kPatience. Call about once a second with the
  // events' clock.
  void sweep(uint64_t now);
  // No more exchanges will come: emits all waiting spans.
  void stop();
  // Live: updated periodically. Replay: the recording's clock.
  void set_clock(WallClock clock) { clock_ = clock; }

  const Tallies& tallies() const { return tallies_; }
  void forget_process(uint32_t pid) { tallies_.forget(pid); }

 private:
  class PerConnection;
  NodePtr begin(const ConnectionInfoPtr& connection, const RequestStart& start, SpanId id);
  void head(const NodePtr& node, const std::optional<TraceContext>& context);
  void end(const NodePtr& node, Outcome&& outcome);
  void abandon(const NodePtr& node);
  void disown(const NodePtr& node);
  void close(const NodePtr& node);
  bool is_traced(Node& node);
  bool keeps_quiet(const Node& node, const Outcome& outcome);
  void leave(BuiltSpanPtr span, Node* parent);
  void leave_above(BuiltSpanPtr span, Node& quiet);
  void emit_span(BuiltSpanPtr span);
  void decide_fate(Node& node, Fate fate);
  bool promise(Node& node);
  void lose(Node& node);
  void believe(Node& client, const TraceContext& announced);
  void take_id(Node& client, const TraceContext& announced);
  void join(Node& server);
  void decide_trace(Node& node);
  const TraceContext& context_of(const ParentRef& parent_ref);
  void decide_links(const SpanTree& tree);
  void link_to_open(SpanTree& tree);
  void note_time(uint64_t time) {
    now_ = std::max(now_, time);
    if (!late_.empty()) report_late(now_);
  }
  void follow(Node& client);
  void tell_decided(Node& server);
  static bool may_join_later(const Node& node);
  bool is_sampled_out(const TraceContext& context, size_t spans);
  void report(Node& node, Outcome&& outcome);
  void measure(const Node& node, const Outcome& outcome) const;
  void report_late(uint64_t now);

  // A server exchange that has ended, whose client may still be seen.
  struct Late {
    uint64_t due;
    NodePtr node;
    Outcome outcome;
  };
  static constexpr uint64_t kLateJoin = 10'000'000;  // ns of the events' clock

  ProcessTable& processes_;
  const TraceShare& share_;
  RequestMeter* requests_ = nullptr;
  Origin origin_;
  SpanSink& spans_;
  WallClock clock_ = WallClock::now();
  Tasks tasks_;
  Peers peers_;
  SeenIds announced_;
  AnnouncedContexts contexts_;
  Decided decided_;
  WatchedNodes watched_;
  std::deque<Late> late_;  // by due
  size_t waiting_ = 0;     // spans
  uint64_t now_ = 0;       // latest time seen in an event
  Tallies tallies_;
  Counter& begun_;
  Counter& emitted_;
  Counter& sampled_out_;
  Counter& abandoned_;
  Counter& unwanted_;
  Counter& exported_elsewhere_;
  std::array<Counter*, kCorrelations> parents_{};  // by Correlation
};

}  // namespace weft

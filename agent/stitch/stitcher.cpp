// SPDX-License-Identifier: Apache-2.0
#include "agent/stitch/stitcher.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "agent/stitch/builder.h"

namespace weft {

std::string_view correlation_name(Correlation how) {
  switch (how) {
    case Correlation::kNone:
      return "none";
    case Correlation::kHeader:
      return "header";
    case Correlation::kConnection:
      return "connection";
    case Correlation::kTask:
      return "task";
    case Correlation::kThread:
      return "thread";
    case Correlation::kEventLoop:
      return "event_loop";
  }
  return "none";
}

namespace {

// Whether `of` is the node or one of its ancestors.
bool descends(const Node* node, const Node& of) {
  while (node && node != &of) node = node->parent.get();
  return node != nullptr;
}

// Whether the node's trace is decided and is another one.
bool is_of_another(const Node& node, const TraceId& trace) {
  return node.context.trace.valid() && node.context.trace != trace;
}

}  // namespace

// Knows the connection of its exchanges, and holds them while they are open.
class Stitcher::PerConnection : public ExchangeSink {
 public:
  PerConnection(Stitcher& stitcher, ConnectionInfoPtr connection)
      : stitcher_(stitcher), connection_(std::move(connection)) {}
  ~PerConnection() override {
    for (auto& [handle, node] : nodes_)
      disowned_ ? stitcher_.disown(node) : stitcher_.abandon(node);
  }

  ExchangeHandle begin(const RequestStart& start) override {
    // The kernel's id serves the first request of its exchange, pipelined ones get their own.
    const bool first = start.stamp.exchange_id != last_exchange_ && start.stamp.exchange_id != 0;
    last_exchange_ = start.stamp.exchange_id;
    const SpanId id = first ? span_id_from(start.stamp.exchange_id) : SpanId::random();
    const ExchangeHandle handle = ++last_handle_;
    nodes_.emplace_back(handle, stitcher_.begin(connection_, start, id));
    return handle;
  }
  void head(ExchangeHandle exchange, const std::optional<TraceContext>& context) override {
    const auto it = find(exchange);
    if (it != nodes_.end()) stitcher_.head(it->second, context);
    if (placed_ || connection_->role == Role::kClient) return;
    if (!stitcher_.origin_ || !stitcher_.share_.limited()) return;
    placed_ = true;
    stitcher_.origin_(connection_->id, context.has_value());
  }
  void goes_on(ExchangeHandle exchange, const Stamp& stamp, uint32_t batch) override {
    const auto it = find(exchange);
    if (it != nodes_.end()) stitcher_.tasks_.goes_on(*it->second, stamp, batch);
  }
  void end(ExchangeHandle exchange, Outcome&& outcome) override {
    if (const NodePtr node = take(exchange)) stitcher_.end(node, std::move(outcome));
  }
  void abandon(ExchangeHandle exchange) override {
    if (const NodePtr node = take(exchange)) stitcher_.abandon(node);
  }
  void handed_over(const Protocol& next) override {
    ConnectionInfo info = *connection_;
    info.protocol = &next;
    connection_ = std::make_shared<const ConnectionInfo>(std::move(info));
  }
  void cut() override {
    for (auto& [handle, node] : std::exchange(nodes_, {})) stitcher_.abandon(node);
  }
  void disown() override { disowned_ = true; }

 private:
  // Mostly one; a deque would take half a kilobyte of an idle connection.
  using Nodes = std::vector<std::pair<ExchangeHandle, NodePtr>>;

  Nodes::iterator find(ExchangeHandle exchange) {
    if (!nodes_.empty() && nodes_.front().first == exchange) return nodes_.begin();
    const auto it =
        std::ranges::lower_bound(nodes_, exchange, {}, [](const auto& node) { return node.first; });
    return it != nodes_.end() && it->first == exchange ? it : nodes_.end();
  }
  NodePtr take(ExchangeHandle exchange) {
    const auto it = find(exchange);
    if (it == nodes_.end()) return nullptr;
    NodePtr node = std::move(it->second);
    nodes_.erase(it);
    return node;
  }

  Stitcher& stitcher_;
  ConnectionInfoPtr connection_;
  Nodes nodes_;  // ordered by handle; they mostly end in that order
  ExchangeHandle last_handle_ = 0;
  uint64_t last_exchange_ = 0;
  bool disowned_ = false;
  bool placed_ = false;  // the kernel side knows who begins its traces
};

Stitcher::Stitcher(ProcessTable& processes, std::span<const Runtime> runtimes,
                   const TraceShare& share, SpanSink& spans, CounterSet& counters)
    : processes_(processes),
      share_(share),
      spans_(spans),
      tasks_(runtimes),
      begun_(counters.get("weft.exchanges.begun")),
      emitted_(counters.get("weft.spans.emitted")),
      sampled_out_(counters.get("weft.spans.sampled_out")),
      abandoned_(counters.get("weft.exchanges.abandoned")),
      unwanted_(counters.get("weft.exchanges.unwanted")),
      exported_elsewhere_(counters.get("weft.exchanges.exported_elsewhere")) {
  for (const Correlation how :
       {Correlation::kNone, Correlation::kHeader, Correlation::kConnection, Correlation::kTask,
        Correlation::kThread, Correlation::kEventLoop}) {
    parents_[static_cast<size_t>(how)] =
        &counters.get("weft.spans.parents", {{"how", std::string(correlation_name(how))}});
  }
}

Stitcher::~Stitcher() = default;

std::unique_ptr<ExchangeSink> Stitcher::open(ConnectionInfoPtr connection) {
  return std::make_unique<PerConnection>(*this, std::move(connection));
}

NodePtr Stitcher::begin(const ConnectionInfoPtr& connection, const RequestStart& start, SpanId id) {
  auto node = NodePtr::make();
  node->id = id;
  node->role = connection->role;
  node->start = start;
  node->connection = connection;
  node->process = processes_.get(start.stamp.pid);
  begun_.add();
  note_time(start.stamp.time);
  // An exchange of an untraced process has no span and no children.
  if (!node->process->traced && !node->process->undecided) {
    node->fate = Fate::kGone;
    return node;
  }
  if (node->process->exports_own_spans) node->fate = Fate::kQuiet;
  if (node->role == Role::kServer) {
    tasks_.opened(*node);
    join(*node);
  } else {
    const Tasks::Parent parent = tasks_.parent_of(start.stamp, *node->process);
    node->parent = parent.node;
    node->how = parent.how;
    follow(*node);
    peers_.add(node);
  }
  return node;
}

void Stitcher::join(Node& server) {
  if (server.parent) return;
  NodePtr client = peers_.claim(server);
  // Two networks may use the same addresses: an exchange must not become its own ancestor.
  if (!client || descends(client.get(), server)) return;
  server.parent = std::move(client);
  server.how = Correlation::kConnection;
}

void Stitcher::head(const NodePtr& node, const std::optional<TraceContext>& context) {
  const bool is_news = context && !node->received && node->fate != Fate::kGone;
  if (node->role == Role::kClient) {
    if (is_news) believe(*node, *context);
    return;
  }
  if (is_news) {
    node->received = context;
    node->remote_parent = context->parent;
    tasks_.heard(*node);
  }
  tell_decided(*node);
}

// The request carries a trace context that the application put there.
void Stitcher::believe(Node& client, const TraceContext& announced) {
  // Its server span already uses the client's id: the head was not complete then.
  if (client.context.trace.valid()) return;
  const uint32_t pid = client.start.stamp.pid;
  client.received = announced;
  if (client.parent && !has_received(*client.parent, announced.trace)) {
    decide_trace(*client.parent);
    // Another trace than its parent's: the application started a new one.
    if (client.parent->context.trace != announced.trace) client.parent = nullptr;
  }
  if (!client.parent) {
    client.parent = tasks_.continuing(pid, announced);
    if (descends(client.parent.get(), client)) client.parent = nullptr;
    client.how = client.parent ? Correlation::kHeader : Correlation::kNone;
  }
  const bool passed_on = tasks_.received(pid, announced);
  if (!passed_on && announced_.insert(announced.parent)) return take_id(client, announced);
  client.remote_parent = announced.parent;
  if (passed_on) return;  // its trace is its parent's, else the announced one
  client.context = announced;
  client.parent = nullptr;
  client.how = Correlation::kHeader;
}

void Stitcher::take_id(Node& client, const TraceContext& announced) {
  client.context = announced;
  client.id = announced.parent;
  // The parent's trace may have been decided before the parent's head was complete.
  if (client.parent && is_of_another(*client.parent, announced.trace)) {
    client.parent = nullptr;
    client.how = Correlation::kNone;
  }
}

void Stitcher::decide_trace(Node& node) {
  if (node.context.trace.valid()) return;
  if (node.role == Role::kServer) join(node);
  if (node.parent && node.parent->fate == Fate::kGone) {
    node.parent = nullptr;
    node.how = Correlation::kNone;
  }
  if (node.parent) {
    decide_trace(*node.parent);
    node.context = node.parent->context;
    // The header names another trace than the client exchange: an unseen process between the two
    // started it.
    const bool same = !node.received || node.received->trace == node.context.trace;
    if (same || node.role == Role::kClient) return;
    node.parent = nullptr;
  }
  if (node.received) {
    node.context = *node.received;
    node.how = Correlation::kHeader;
    return;
  }
  const Stamp& by = node.start.stamp;
  node.context = share_.begin({.exchange_id = by.exchange_id,
                               .decided_by = by.exchange_id,
                               .threshold = by.threshold,
                               .undecided = (by.flags & WEFT_DATA_UNDECIDED) != 0});
}

// The node's fate must be decided.
void Stitcher::close(const NodePtr& node) {
  node->open = false;
  if (node->role == Role::kServer) return tasks_.closed(*node);
  node->fate == Fate::kGone ? peers_.forget(node) : peers_.ended(node);
}

// Asks again if needed: the process may have been undecided when the request began.
bool Stitcher::is_traced(Node& node) {
  if (!node.process->traced) node.process = processes_.get(node.start.stamp.pid);
  return node.process->traced;
}

// True: no span. An export of spans is never a request of interest, and shows that its sender makes
// its own spans for what begins from now on. Exchanges already promised still get a span, because
// nobody else will make one.
bool Stitcher::keeps_quiet(const Node& node, const Outcome& outcome) {
  if (!outcome.carries_spans) return node.fate == Fate::kQuiet;
  const uint32_t pid = node.start.stamp.pid;
  node.role == Role::kClient ? processes_.exports_spans(pid) : processes_.receives_spans(pid);
  return node.fate != Fate::kPromised;
}

void Stitcher::end(const NodePtr& node, Outcome&& outcome) {
  note_time(outcome.end_time);
  // The sender has a span with that id; a client span that passes the id on must not take it.
  const std::optional<TraceContext>& received = node->received;
  if (node->role == Role::kServer && received) announced_.insert(received->parent);
  node->ended = outcome.end_time;
  if (!outcome.error && !outcome.unseen) node->answered = outcome.end_time;
  const bool traced = is_traced(*node);
  if (traced && requests_) measure(*node, outcome);
  if (!traced) {
    unwanted_.add();
    decide_fate(*node, Fate::kGone);
  } else if (keeps_quiet(*node, outcome)) {
    exported_elsewhere_.add();
    decide_fate(*node, Fate::kQuiet);
  } else if (may_join_later(*node)) {
    late_.push_back({now_ + kLateJoin, node, std::move(outcome)});
  } else {
    report(*node, std::move(outcome));
  }
  close(node);
}

void Stitcher::abandon(const NodePtr& node) {
  abandoned_.add();
  lose(*node);
  close(node);
}

void Stitcher::disown(const NodePtr& node) {
  unwanted_.add();
  lose(*node);
  close(node);
}

}  // namespace weft

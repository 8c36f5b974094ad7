// SPDX-License-Identifier: Apache-2.0
// Stitcher: the span trees of engines.
#include <utility>

#include "agent/stitch/parent_ref.h"
#include "agent/stitch/stitcher.h"
#include "agent/stitch/tree_builder.h"

namespace weft {
namespace {

// A server may have thousands of requests waiting for one flush; link to at most this many.
constexpr size_t kMaxLinks = 128;

size_t spans_of(const SpanTree& tree) {
  size_t n = 1;
  for (const SpanTree& child : tree.children) n += spans_of(child);
  return n;
}

}  // namespace

ParentRefPtr Stitcher::parent_ref(const Stamp& by, uint64_t statement, bool thread_owns) {
  auto parent_ref = std::make_shared<ParentRef>();
  parent_ref->process = processes_.get(by.pid);
  parent_ref->works_on = by.current_exchange;
  if (thread_owns) {
    parent_ref->parent = tasks_.executing(by, statement);
    if (parent_ref->parent) parent_ref->how = Correlation::kThread;
  } else {
    const Tasks::Parent parent = tasks_.parent_of(by, *parent_ref->process);
    parent_ref->parent = parent.node;
    parent_ref->how = parent.how;
  }
  return parent_ref;
}

const TraceContext& Stitcher::context_of(const ParentRef& parent_ref) {
  if (parent_ref.parent) {
    decide_trace(*parent_ref.parent);
    return parent_ref.parent->context;
  }
  if (!parent_ref.root.trace.valid()) {
    parent_ref.root = share_.begin({.decided_by = parent_ref.works_on});
  }
  return parent_ref.root;
}

SpanContextPtr Stitcher::reserve_context(const ParentRefPtr& parent_ref) {
  return std::make_shared<const SpanContext>(TraceContext{}, SpanId::random(), parent_ref);
}

// The target of a link that has not been emitted yet gets its trace decided now.
void Stitcher::decide_links(const SpanTree& tree) {
  for (const SpanContextPtr& link : tree.links) {
    if (!link->decided()) link->decide(context_of(*link->parent_ref));
  }
  for (const SpanTree& child : tree.children) decide_links(child);
}

void Stitcher::link_to_open(SpanTree& tree) {
  for (Node* node = tasks_.first_of(tree.by.pid); node; node = Tasks::next(*node)) {
    if (tree.links.size() == kMaxLinks) return;
    if (!promise(*node)) continue;
    tree.links.push_back(std::make_shared<const SpanContext>(node->context, node->id));
  }
}

void Stitcher::emit(SpanTree tree) {
  note_time(tree.end);
  const ParentRefPtr held =
      tree.parent_ref;  // `tree` is moved from, and may hold the last reference
  const ParentRef& parent_ref = *held;
  ProcessPtr process = parent_ref.process;
  if (!process->traced) process = processes_.get(tree.by.pid);
  if (!process->traced) {
    unwanted_.add();
    return;
  }
  if (tree.serves_all) link_to_open(tree);
  decide_links(tree);
  TreeFrame frame{
      .context = {}, .parent = {}, .how = parent_ref.how, .resource = process->resource};
  if (parent_ref.parent) {
    frame.context = context_of(parent_ref);
    frame.parent = parent_ref.parent->id;
    frame.parent_is_remote = parent_ref.parent->start.stamp.pid != tree.by.pid;
  } else {
    frame.context = promised_trace(tree);
    if (!frame.context.trace.valid()) frame.context = context_of(parent_ref);
  }
  keep_promises(tree, frame.context);
  if (is_sampled_out(frame.context, spans_of(tree))) return;
  // Children hang below the tree's outermost span, which is emitted in any case.
  Node* above = parent_ref.parent.get();
  for (BuiltSpanPtr& span : build_tree(std::move(tree), frame, clock_)) {
    leave(std::move(span), std::exchange(above, nullptr));
  }
}

}  // namespace weft

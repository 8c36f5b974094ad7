// SPDX-License-Identifier: Apache-2.0
#include "agent/stitch/tree_builder.h"

#include <algorithm>
#include <utility>

#include "agent/base/semconv.h"

namespace weft {
namespace {

class TreeSpans {
 public:
  TreeSpans(const TreeFrame& frame, const WallClock& clock) : frame_(frame), clock_(clock) {}

  void add(SpanTree tree, SpanId parent, bool outermost) {
    auto span = std::make_shared<BuiltSpan>();
    span->trace = frame_.context.trace;
    span->trace_flags = frame_.context.flags;
    span->trace_state = frame_.context.trace_state;
    span->id = tree.span_context ? tree.span_context->id : SpanId::random();
    span->parent = parent;
    span->parent_is_remote = outermost && frame_.parent_is_remote;
    span->name = std::move(tree.name);
    span->start = clock_.to_unix(tree.start);
    span->end = clock_.to_unix(std::max(tree.end, tree.start));
    span->attributes = std::move(tree.attributes);
    if (!tree.error_type.empty()) {
      span->status = StatusCode::kError;
      span->attributes.set(semconv::kErrorType, Value(std::move(tree.error_type)));
    }
    if (outermost) span->how = frame_.how;
    for (const SpanContextPtr& link : tree.links) {
      span->links.push_back({.trace = link->context.trace, .span = link->id});
    }
    span->resource = frame_.resource;
    const SpanId id = span->id;
    spans_.push_back(std::move(span));
    for (SpanTree& child : tree.children) add(std::move(child), id, false);
  }
  std::vector<BuiltSpanPtr> take() { return std::move(spans_); }

 private:
  const TreeFrame& frame_;
  const WallClock& clock_;
  std::vector<BuiltSpanPtr> spans_;
};

}  // namespace

std::vector<BuiltSpanPtr> build_tree(SpanTree tree, const TreeFrame& frame,
                                     const WallClock& clock) {
  TreeSpans spans(frame, clock);
  spans.add(std::move(tree), frame.parent, true);
  return spans.take();
}

TraceContext promised_trace(const SpanTree& tree) {
  if (tree.span_context && tree.span_context->decided()) return tree.span_context->context;
  for (const SpanTree& child : tree.children) {
    if (TraceContext found = promised_trace(child); found.trace.valid()) return found;
  }
  return {};
}

void keep_promises(const SpanTree& tree, const TraceContext& context) {
  if (tree.span_context) tree.span_context->decide(context);
  for (const SpanTree& child : tree.children) keep_promises(child, context);
}

}  // namespace weft

// SPDX-License-Identifier: Apache-2.0
// Turns a span tree into spans: the outermost and its descendants.
#pragma once

#include <vector>

#include "agent/base/clock.h"
#include "agent/span/span.h"
#include "agent/stitch/parent_ref.h"

namespace weft {

// Trace context, parent and resource for the outermost span of a span tree.
struct TreeFrame {
  TraceContext context;
  SpanId parent;  // invalid: root
  bool parent_is_remote = false;
  Correlation how = Correlation::kNone;
  ResourcePtr resource;
};

// Outermost first, parents before children. Pure, except that it generates ids.
std::vector<BuiltSpanPtr> build_tree(SpanTree tree, const TreeFrame& frame, const WallClock& clock);

// The trace that was already decided for some part of the span tree (see SpanContext); invalid:
// none.
TraceContext promised_trace(const SpanTree& tree);
// Decides this trace for every part of the span tree, so that later links use it.
void keep_promises(const SpanTree& tree, const TraceContext& context);

}  // namespace weft

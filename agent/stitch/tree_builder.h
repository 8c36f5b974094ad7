// SPDX-License-Identifier: Apache-2.0
// From a span tree to its spans: one, and those inside it.
#pragma once

#include <vector>

#include "agent/base/clock.h"
#include "agent/span/span.h"
#include "agent/stitch/parent_ref.h"

namespace weft {

// What the outermost span of a span tree is built with.
struct TreeFrame {
  TraceContext context;
  SpanId parent;  // invalid: root
  bool parent_is_remote = false;
  Correlation how = Correlation::kNone;
  ResourcePtr resource;
};

// The outermost first, parents before children. Pure, but for the ids it makes.
std::vector<BuiltSpanPtr> build_tree(SpanTree tree, const TreeFrame& frame, const WallClock& clock);

// The trace that a part of the span tree has been told to belong to; invalid: none.
TraceContext promised_trace(const SpanTree& tree);
// Whoever points to a part of the span tree from now on finds it in this trace.
void keep_promises(const SpanTree& tree, const TraceContext& context);

}  // namespace weft

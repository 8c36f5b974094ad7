// SPDX-License-Identifier: Apache-2.0
// The parent of an engine's span tree, determined when the tree's events arrive.
#pragma once

#include "agent/port/span_tree.h"
#include "agent/stitch/node.h"

namespace weft {

// Shared by span trees and the spans that link to them. Immutable except for `root`, the trace of a
// tree without a parent, which is created at first use.
class ParentRef {
 public:
  NodePtr parent;  // null: the span tree begins a trace
  Correlation how = Correlation::kNone;
  ProcessPtr process;
  uint64_t works_on = 0;  // the exchange that was current for the thread; its spans may be left out
  mutable TraceContext root;
};

}  // namespace weft

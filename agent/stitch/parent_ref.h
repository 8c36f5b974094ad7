// SPDX-License-Identifier: Apache-2.0
// Where an engine's span tree hangs, decided when its events were heard.
#pragma once

#include "agent/port/span_tree.h"
#include "agent/stitch/node.h"

namespace weft {

// Shared by span trees and what points to them. Immutable but for the trace of a root, which
// is made when first asked for.
class ParentRef {
 public:
  NodePtr parent;  // null: the span tree begins a trace
  Correlation how = Correlation::kNone;
  ProcessPtr process;
  mutable TraceContext root;
};

}  // namespace weft

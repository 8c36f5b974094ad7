// SPDX-License-Identifier: Apache-2.0
// Where an engine's story hangs, decided when its events were heard.
#pragma once

#include "agent/port/story.h"
#include "agent/stitch/node.h"

namespace weft {

// Shared by stories and what points to them. Immutable but for the trace of a root, which
// is made when first asked for.
class Place {
 public:
  NodePtr parent;  // null: the story begins a trace
  Correlation how = Correlation::kNone;
  ProcessPtr process;
  mutable TraceContext root;
};

}  // namespace weft

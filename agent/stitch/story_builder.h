// SPDX-License-Identifier: Apache-2.0
// From a story to its spans: one, and those inside it.
#pragma once

#include <vector>

#include "agent/base/clock.h"
#include "agent/span/span.h"
#include "agent/stitch/place.h"

namespace weft {

// What the outermost span of a story is built with.
struct StoryFrame {
  TraceContext context;
  SpanId parent;  // invalid: root
  bool parent_is_remote = false;
  Correlation how = Correlation::kNone;
  ResourcePtr resource;
};

// The outermost first, parents before children. Pure, but for the ids it makes.
std::vector<BuiltSpanPtr> build_story(Story story, const StoryFrame& frame, const WallClock& clock);

// The trace that a part of the story has been told to belong to; invalid: none.
TraceContext promised_trace(const Story& story);
// Whoever points to a part of the story from now on finds it in this trace.
void keep_promises(const Story& story, const TraceContext& context);

}  // namespace weft

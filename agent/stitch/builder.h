// SPDX-License-Identifier: Apache-2.0
// Builds a span from an ended exchange: times, peer attributes.
#pragma once

#include "agent/base/clock.h"
#include "agent/span/span.h"
#include "agent/stitch/node.h"

namespace weft {

// The node's trace must be decided. Pure.
BuiltSpanPtr build_span(const Node& node, Outcome&& outcome, const WallClock& clock);
// The outcome of an exchange that was lost although its span id has already been sent out.
Outcome incomplete(const Node& node, uint64_t now);

}  // namespace weft

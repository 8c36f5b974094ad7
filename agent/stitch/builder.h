// SPDX-License-Identifier: Apache-2.0
// From an ended exchange to a span: times, peer attributes, correlation.
#pragma once

#include "agent/base/clock.h"
#include "agent/span/span.h"
#include "agent/stitch/node.h"

namespace weft {

// The node's trace is decided. Pure.
SpanPtr build_span(const Node& node, Outcome outcome, const WallClock& clock);

}  // namespace weft

// SPDX-License-Identifier: Apache-2.0
// From an ended exchange to a span: times, peer attributes.
#pragma once

#include "agent/base/clock.h"
#include "agent/span/span.h"
#include "agent/stitch/node.h"

namespace weft {

// The node's trace is decided. Pure.
BuiltSpanPtr build_span(const Node& node, Outcome outcome, const WallClock& clock);
// What is known of an exchange that cannot be told but whose id has been given away.
Outcome incomplete(const Node& node, uint64_t now);

}  // namespace weft

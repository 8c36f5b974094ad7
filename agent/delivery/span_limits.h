// SPDX-License-Identifier: Apache-2.0
// OpenTelemetry's span limits: excess attributes, events or links are removed from the end and
// counted in the span's dropped_* fields; long string values are truncated.
#pragma once

#include "agent/config/config.h"
#include "agent/span/span.h"

namespace weft {

// Returns the span itself if it is within the limits (no copy), else a limited copy. Value length
// is in characters (UTF-8 code points), for strings and each element of a string array, on the
// span, its events and its links. Resources are exempt.
SpanPtr limited(SpanPtr span, const SpanLimits& limits);

}  // namespace weft

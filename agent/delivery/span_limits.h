// SPDX-License-Identifier: Apache-2.0
// OpenTelemetry's span limits: too many attributes, events or links are cut from the end and
// counted in the span's dropped_* fields; long string values are shortened.
#pragma once

#include "agent/config/config.h"
#include "agent/span/span.h"

namespace weft {

// The span itself when it is within the limits (no copy), else a limited copy.
// Value length is in characters (UTF-8 code points), of strings and of each element of a
// string array, on the span, its events and its links. Resources are exempt.
SpanPtr limited(SpanPtr span, const SpanLimits& limits);

}  // namespace weft

// SPDX-License-Identifier: Apache-2.0
// Attributes by the names they had before the conventions became stable, beside today's: for
// dashboards that have not moved yet (OTEL_SEMCONV_STABILITY_OPT_IN=http/dup,database/dup).
// HTTP as of semantic conventions 1.20, databases as of 1.24.
#pragma once

#include "agent/config/config.h"
#include "agent/span/span.h"

namespace weft {

// The span itself where nothing is asked for of its kind, else a copy with the old names after
// the others. A value that is not known in its old form is not told by its old name. Pure.
SpanPtr with_old_names(const SpanPtr& span, const OldNames& wanted);

}  // namespace weft

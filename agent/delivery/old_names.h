// SPDX-License-Identifier: Apache-2.0
// Adds attributes under the names they had before the conventions became stable, for dashboards not
// yet migrated (OTEL_SEMCONV_STABILITY_OPT_IN=http/dup,database/dup). HTTP as of semantic
// conventions 1.20, databases as of 1.24.
#pragma once

#include "agent/config/config.h"
#include "agent/span/span.h"

namespace weft {

// Returns the span itself if no old names are wanted for its kind, else a copy with the old names
// added after the others. A value whose old form is unknown gets no old name. Pure.
SpanPtr with_old_names(const SpanPtr& span, const OldNames& wanted);

}  // namespace weft

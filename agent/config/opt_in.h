// SPDX-License-Identifier: Apache-2.0
// OTEL_SEMCONV_STABILITY_OPT_IN and its counterpart in the declarative file: a comma list of
// domains, "http" or "http/dup". The current names are always used; /dup adds the old ones.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "agent/config/config.h"

namespace weft {

// Adds to `out` what the list requests. Returns a line for each entry without effect.
std::vector<std::string> read_opt_in(std::string_view list, OldNames& out);

}  // namespace weft

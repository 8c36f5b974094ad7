// SPDX-License-Identifier: Apache-2.0
// X-Ray writes the 128 bits of a trace id as 1-{8 hex digits}-{24 hex digits}; a span id as
// everybody does. Pure; any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "agent/base/ids.h"

namespace weft::xray {

// "1-4bf92f35-77b34da6a3ce929d0e0e4736"
std::string to_xray(const TraceId& id);

// The inverse; upper case digits are none, as in W3C's ids. Nothing: it is no trace id.
std::optional<TraceId> from_xray(std::string_view text);

}  // namespace weft::xray

// SPDX-License-Identifier: Apache-2.0
// The kind capture: keeps spans in memory, for tests that run a whole pipeline in one process.
#pragma once

#include <vector>

#include "agent/span/span.h"

namespace weft::exporters::capture {

// Spans kept by all capture exporters of the process together: the newest ones, at most this many.
inline constexpr size_t kCapacity = 100'000;

// The spans delivered since the last call, oldest first. Any thread.
std::vector<SpanPtr> take();

}  // namespace weft::exporters::capture

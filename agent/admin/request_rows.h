// SPDX-License-Identifier: Apache-2.0
// Request metrics as parts of the status report.
#pragma once

#include <functional>
#include <string_view>

#include "agent/admin/status.h"
#include "agent/metrics/request_metrics.h"

namespace weft {

// Adds histograms named "weft.request.duration_seconds" and counters "weft.request.left_out".
// name_of: of a protocol, by its id. Call on the thread of `metrics`.
void add_requests(const metrics::RequestMetrics& metrics,
                  const std::function<std::string_view(uint8_t protocol)>& name_of,
                  StatusReport& report);

}  // namespace weft

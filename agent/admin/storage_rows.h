// SPDX-License-Identifier: Apache-2.0
// Storage metrics as parts of the status report.
#pragma once

#include <string_view>

#include "agent/admin/status.h"
#include "agent/metrics/storage_metrics.h"

namespace weft {

// The metrics that status_text shows as a table.
inline constexpr std::string_view kStorageDuration = "weft.storage.operation.duration_seconds";
inline constexpr std::string_view kStorageErrors = "weft.storage.operation.errors";

// Adds histograms, counters and gauges named "weft.storage.…", in seconds and bytes. Empty labels
// are left out. Call on the thread of `metrics`.
void add_storage(const metrics::StorageMetrics& metrics, StatusReport& report);

}  // namespace weft

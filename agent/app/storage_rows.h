// SPDX-License-Identifier: Apache-2.0
// Storage metrics as parts of the status report.
#pragma once

#include "agent/admin/status.h"
#include "agent/metrics/storage_metrics.h"

namespace weft::app {

// Adds histograms, counters and gauges called "weft.storage.…", in seconds and bytes.
// Labels that are empty are left out. On the thread of `metrics`.
void add_storage(const metrics::StorageMetrics& metrics, StatusReport& report);

}  // namespace weft::app

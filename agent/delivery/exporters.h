// SPDX-License-Identifier: Apache-2.0
// The configured exporters, each behind its queue.
#pragma once

#include <memory>

#include "agent/base/counter.h"
#include "agent/base/result.h"
#include "agent/config/config.h"
#include "agent/delivery/fanout.h"

namespace weft {

// Makes every configured exporter with its queues and threads. Error: an exporter cannot be made
// (unwritable file, bad certificate, a disk queue in use); an unreachable backend is no error.
// `counters` must outlive the result.
Result<std::unique_ptr<SpanFanout>> make_exporters(const Config& config, CounterSet& counters);

}  // namespace weft

// SPDX-License-Identifier: Apache-2.0
// Makes the status report of a running agent. On the pipeline's thread.
#pragma once

#include "agent/admin/status.h"
#include "agent/app/budget.h"
#include "agent/attach/planner.h"
#include "agent/config/config.h"
#include "agent/kernel/object.h"
#include "agent/pipeline/pipeline.h"

namespace weft::app {

StatusReport make_report(const kernel::Object& kernel, const attach::Planner& planner,
                         Pipeline& pipeline, const Budget& budget, const CounterSet& counters,
                         uint64_t started);

// Which hook type each hook uses, for status and doctor.
std::vector<StatusReport::Hook> hook_rows(const std::vector<kernel::Choice>& choices);

// Which engines' functions are probed, for status and doctor, in the order of the planner's rows;
// without hit counts.
std::vector<StatusReport::ProbeRow> probe_rows(const attach::Planner& planner);

}  // namespace weft::app

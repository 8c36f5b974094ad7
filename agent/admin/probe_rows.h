// SPDX-License-Identifier: Apache-2.0
// Probes of engines as `weft status` and `weft doctor` show them.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "agent/admin/status.h"

namespace weft {

nlohmann::json probe_json(const StatusReport::ProbeRow& row);
// Members that are absent are defaults; throws what the library throws for a wrong type.
StatusReport::ProbeRow probe_from_json(const nlohmann::json& json);

// For a person: a table for each binary. Empty when there are no probes.
std::string engines_text(const std::vector<StatusReport::ProbeRow>& probes);

// Takes over what a running agent has counted; not where it has two copies of one path.
void take_hits(const std::vector<StatusReport::ProbeRow>& counted,
               std::vector<StatusReport::ProbeRow>& probes);

}  // namespace weft

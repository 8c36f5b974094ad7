// SPDX-License-Identifier: Apache-2.0
// Probes as `weft status` and `weft doctor` show them.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "agent/admin/status.h"

namespace weft {

nlohmann::json probe_json(const StatusReport::ProbeRow& row);
// Absent members get defaults; a wrong type throws the JSON library's exception.
StatusReport::ProbeRow probe_from_json(const nlohmann::json& json);

// Text: a table per binary. Empty: no probes.
std::string probes_text(const std::vector<StatusReport::ProbeRow>& probes);

// Copies the hit counts of a running agent into `probes`, except where it has two copies of one
// path.
void take_hits(const std::vector<StatusReport::ProbeRow>& counted,
               std::vector<StatusReport::ProbeRow>& probes);

}  // namespace weft

// SPDX-License-Identifier: Apache-2.0
// Sites of engines as `weft status` and `weft doctor` show them.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "agent/admin/status.h"

namespace weft {

nlohmann::json site_json(const StatusReport::SiteRow& row);
// Members that are absent are defaults; throws what the library throws for a wrong type.
StatusReport::SiteRow site_from_json(const nlohmann::json& json);

// For a person: a table for each binary. Empty when there are no sites.
std::string engines_text(const std::vector<StatusReport::SiteRow>& sites);

// Takes over what a running agent has counted; not where it has two copies of one path.
void take_hits(const std::vector<StatusReport::SiteRow>& counted,
               std::vector<StatusReport::SiteRow>& sites);

}  // namespace weft

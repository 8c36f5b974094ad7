// SPDX-License-Identifier: Apache-2.0
#include "agent/app/probe_targets.h"

#include "agent/port/engine.h"
#include "agent/port/library.h"
#include "agent/port/runtime.h"

namespace weft::app {

std::vector<const ProbeTarget*> probe_targets(const Config& config) {
  std::vector<const ProbeTarget*> out;
  const auto add = [&](const auto& rows) {
    for (const auto& row : rows) out.push_back(&row.target);
  };
  if (config.storage.enabled) add(engines());
  add(libraries());
  add(runtimes());
  return out;
}

Result<storage::Patterns> file_patterns(const Config& config) {
  std::vector<std::string_view> libraries;
  for (const ProbeTarget* target : probe_targets(config)) {
    if (target->kind == TargetKind::kEngine) continue;
    libraries.insert(libraries.end(), target->libraries.begin(), target->libraries.end());
  }
  return storage::Patterns::make(config.storage.files, config.storage.entries, libraries);
}

}  // namespace weft::app

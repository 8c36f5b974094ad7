// SPDX-License-Identifier: Apache-2.0
#include "agent/app/probe_targets.h"

#include <algorithm>

#include "agent/port/engine.h"
#include "agent/port/library.h"
#include "agent/port/runtime.h"

namespace weft::app {
namespace {

// Of targets that are no engine.
std::vector<std::string_view> other_libraries() {
  std::vector<std::string_view> out;
  const auto add = [&](const auto& rows) {
    for (const auto& row : rows)
      out.insert(out.end(), row.target.libraries.begin(), row.target.libraries.end());
  };
  add(libraries());
  add(runtimes());
  return out;
}

}  // namespace

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

kernel::Observed observed(const Config& config) {
  const auto has_probes = [](const auto& row) { return !row.target.probes.empty(); };
  const bool layers = std::ranges::any_of(libraries(), has_probes);
  const bool tasks = std::ranges::any_of(runtimes(), [](const Runtime& row) {
    return !row.target.probes.empty() || row.task_id.from != TaskId::From::kThread;
  });
  return {.files = config.storage.enabled,
          .libraries = config.storage.enabled || !other_libraries().empty(),
          .functions = config.storage.enabled || layers || tasks,
          .layers = layers,
          .tasks = tasks,
          .files_when_asked = config.storage.files.empty() && config.storage.entries.empty()};
}

Result<storage::Patterns> file_patterns(const Config& config) {
  return storage::Patterns::make(config.storage.files, config.storage.entries, other_libraries());
}

std::vector<weft_pattern> watched_files(const Config& config, const storage::Patterns& patterns) {
  if (config.storage.enabled) return patterns.table();
  return patterns.table_of_libraries();
}

}  // namespace weft::app

// SPDX-License-Identifier: Apache-2.0
#include "agent/storage/files/patterns.h"

#include <algorithm>

#include "agent/storage/files/glob.h"

namespace weft::storage {

Result<Patterns> Patterns::make(std::span<const std::string> logs,
                                std::span<const std::string> entries,
                                std::span<const std::string_view> libraries) {
  Patterns out;
  for (const Engine& engine : engines()) {
    for (const LogPattern& log : engine.logs) out.add(log.glob, log.use, &engine);
    for (const std::string_view library : engine.target.libraries) {
      out.add(library, WEFT_FILE_LIBRARY, &engine);
    }
  }
  for (const std::string_view library : libraries) out.add(library, WEFT_FILE_LIBRARY, nullptr);
  const size_t built_in = out.rows_.size();
  const Engine* any = &engines().back();  // "file": probes/engine.def keeps it last
  for (const std::string& glob : logs) out.rows_.push_back({glob, WEFT_FILE_LOG, {any}});
  for (const std::string& glob : entries) out.rows_.push_back({glob, WEFT_FILE_ENTRY, {any}});
  if (out.rows_.size() > WEFT_PATTERNS) {
    return fail(ExitCode::kConfig, "storage: " + std::to_string(out.rows_.size() - built_in) +
                                       " patterns of files, at most " +
                                       std::to_string(WEFT_PATTERNS - built_in) +
                                       " can be watched: make some wider");
  }
  return out;
}

void Patterns::add(std::string_view glob, weft_file_use use, const Engine* engine) {
  const auto same = std::ranges::find_if(
      rows_, [&](const Row& row) { return row.glob == glob && row.use == use; });
  Row& row = same == rows_.end() ? rows_.emplace_back(std::string(glob), use) : *same;
  if (engine) row.engines.push_back(engine);
}

std::vector<weft_pattern> Patterns::table() const {
  std::vector<weft_pattern> table;
  table.reserve(rows_.size());
  for (const Row& row : rows_) table.push_back(literals({row.glob, row.use}));
  return table;
}

std::vector<weft_pattern> Patterns::table_of_libraries() const {
  std::vector<weft_pattern> table;
  for (const Row& row : rows_) {
    if (row.engines.empty()) table.push_back(literals({row.glob, row.use}));
  }
  return table;
}

const Patterns::Row* Patterns::find(std::string_view folder, std::string_view name) const {
  for (const Row& row : rows_) {
    if (matches(row.glob, folder, name)) return &row;
  }
  return nullptr;
}

}  // namespace weft::storage

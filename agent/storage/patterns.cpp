// SPDX-License-Identifier: Apache-2.0
#include "agent/storage/patterns.h"

#include <algorithm>

#include "agent/storage/glob.h"

namespace weft::storage {
namespace {

const Engine* engine_of_any_file() {
  const auto all = engines();
  const auto found = std::ranges::find(all, "file", &Engine::name);
  return found == all.end() ? nullptr : &*found;
}

}  // namespace

Result<Patterns> Patterns::make(std::span<const std::string> logs,
                                std::span<const std::string> entries) {
  Patterns out;
  for (const Engine& engine : engines()) {
    for (const LogPattern& log : engine.logs) {
      out.rows_.push_back({std::string(log.glob), log.use, &engine});
    }
    for (const std::string_view library : engine.libraries) {
      out.rows_.push_back({std::string(library), WEFT_FILE_LIBRARY, &engine});
    }
  }
  const size_t built_in = out.rows_.size();
  const Engine* any = engine_of_any_file();
  for (const std::string& glob : logs) out.rows_.push_back({glob, WEFT_FILE_LOG, any});
  for (const std::string& glob : entries) out.rows_.push_back({glob, WEFT_FILE_ENTRY, any});
  if (out.rows_.size() > WEFT_PATTERNS) {
    return fail(ExitCode::kConfig, "storage: " + std::to_string(out.rows_.size() - built_in) +
                                       " patterns of files, at most " +
                                       std::to_string(WEFT_PATTERNS - built_in) +
                                       " can be watched: make some wider");
  }
  return out;
}

std::vector<weft_pattern> Patterns::table() const {
  std::vector<weft_pattern> table;
  for (const Row& row : rows_) table.push_back(literals({row.glob, row.use}));
  return table;
}

const Patterns::Row* Patterns::find(std::string_view folder, std::string_view name) const {
  for (const Row& row : rows_) {
    if (matches(row.glob, folder, name)) return &row;
  }
  return nullptr;
}

}  // namespace weft::storage

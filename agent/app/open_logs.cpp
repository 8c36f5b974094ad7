// SPDX-License-Identifier: Apache-2.0
#include "agent/app/open_logs.h"

#include <algorithm>
#include <filesystem>

#include "agent/base/path.h"
#include "agent/discover/proc/proc_file.h"

namespace weft::app {
namespace {

bool is_log(const storage::Patterns& patterns, const std::string& path) {
  const std::string_view name = base_name(path);
  if (path.size() < name.size() + 2) return false;  // no path: a socket or a pipe
  const std::string_view folder = std::string_view(path).substr(0, path.size() - name.size() - 1);
  const storage::Patterns::Row* row = patterns.find(base_name(folder), name);
  return row && row->use != WEFT_FILE_LIBRARY;
}

bool has_log(const storage::Patterns& patterns, const std::string& process) {
  std::error_code error;  // the process may end meanwhile
  std::filesystem::directory_iterator at(process + "/fd", error);
  for (; !error && at != std::filesystem::directory_iterator(); at.increment(error)) {
    if (is_log(patterns, read_link(at->path()))) return true;
  }
  return false;
}

}  // namespace

bool any_log_is_open(const storage::Patterns& patterns, const std::string& proc) {
  return std::ranges::any_of(list_pids(proc), [&](uint32_t pid) {
    return has_log(patterns, proc + "/" + std::to_string(pid));
  });
}

}  // namespace weft::app

// SPDX-License-Identifier: Apache-2.0
#include "agent/attach/log_writers.h"

#include <filesystem>

#include "agent/base/path.h"
#include "agent/discover/proc/proc_file.h"

namespace weft::attach {
namespace {

// folder, name: both base names. Sockets and pipes have neither.
bool matches(const LogWriters::IsLog& is_log, const std::string& path) {
  const std::string_view name = base_name(path);
  if (path.size() < name.size() + 2) return false;
  const std::string_view folder = std::string_view(path).substr(0, path.size() - name.size() - 1);
  return is_log(base_name(folder), name);
}

bool has_log(const LogWriters::IsLog& is_log, const std::string& process) {
  std::error_code error;  // the process may end meanwhile
  std::filesystem::directory_iterator at(process + "/fd", error);
  for (; !error && at != std::filesystem::directory_iterator(); at.increment(error)) {
    if (matches(is_log, read_link(at->path()))) return true;
  }
  return false;
}

}  // namespace

void LogWriters::scan(const IsLog& is_log) {
  for (const uint32_t pid : list_pids(proc_)) {
    if (has_log(is_log, proc_ + "/" + std::to_string(pid))) add(pid);
  }
}

void LogWriters::add(uint32_t pid) {
  if (!pids_.insert(pid).second || observed_) return;
  observed_ = true;
  observe_(true);
}

void LogWriters::tick(uint64_t now) {
  if (now - verified_ >= kVerify) {
    verified_ = now;
    std::erase_if(pids_, [this](uint32_t pid) { return !has_process(proc_, pid); });
  }
  if (!pids_.empty()) unused_since_ = 0;
  if (!pids_.empty() || !observed_) return;
  if (unused_since_ == 0) unused_since_ = now;
  if (now - unused_since_ < kRest) return;
  observed_ = false;
  observe_(false);
}

}  // namespace weft::attach

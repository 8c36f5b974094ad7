// SPDX-License-Identifier: Apache-2.0
#include "agent/discover/rules.h"

#include <algorithm>

#include "agent/base/path.h"

namespace weft {
namespace {

template <class Match>
bool any(const std::vector<std::string>& globs, const std::string& text, Match match) {
  return !text.empty() &&
         std::ranges::any_of(globs, [&](const std::string& glob) { return match(glob, text); });
}

}  // namespace

bool matches_exe(const std::string& glob, const std::string& path) {
  return fits_glob(glob, path) || fits_glob(glob, base_name(path));
}

bool matches_container(const std::string& glob, const std::string& id) {
  const bool plain = glob.find_first_of("*?[\\") == std::string::npos;
  return plain ? !glob.empty() && id.starts_with(glob) : fits_glob(glob, id);
}

bool matches_cgroup(const std::string& glob, const std::string& path) {
  if (fits_glob(glob, path)) return true;
  for (size_t slash = path.rfind('/'); slash != 0 && slash != std::string::npos;
       slash = path.rfind('/', slash - 1)) {
    if (fits_glob(glob, path.substr(0, slash))) return true;
  }
  return false;
}

bool Rules::names_pid(uint32_t pid) const {
  return std::ranges::count(targets_.pids, pid) != 0;
}

RuleResult Rules::decide(const ProcessFacts& facts, bool of_target) const {
  if (facts.kernel_thread || any(targets_.exclude, facts.exe, matches_exe)) {
    return RuleResult::kIgnore;
  }
  if (of_target || targets_.everything() || any(targets_.exes, facts.exe, matches_exe) ||
      any(targets_.containers, facts.container_id, matches_container) ||
      any(targets_.cgroups, facts.cgroup, matches_cgroup)) {
    return RuleResult::kTrace;
  }
  return targets_.ports.empty() ? RuleResult::kIgnore : RuleResult::kByPort;
}

}  // namespace weft

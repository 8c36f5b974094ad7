// SPDX-License-Identifier: Apache-2.0
// The target rules of the configuration, applied to one process's facts. Globs are
// fnmatch(3) without flags: * also matches '/'. Immutable; any thread.
#pragma once

#include <cstdint>

#include "agent/config/config.h"
#include "agent/discover/proc/facts.h"

namespace weft {

enum class RuleResult : uint8_t {
  kTrace,
  kIgnore,
  kByPort,  // traced if it listens on one of the ports, which facts do not include
};

class Rules {
 public:
  explicit Rules(TargetRules targets) : targets_(std::move(targets)) {}

  // of_target: the process is one of `pids` or descends from one.
  RuleResult decide(const ProcessFacts& facts, bool of_target) const;
  bool names_pid(uint32_t pid) const;
  // True: the rules may exclude most processes of the host.
  bool narrow() const { return !targets_.everything(); }
  const std::vector<uint16_t>& ports() const { return targets_.ports; }

 private:
  TargetRules targets_;
};

// Matches the whole path, or its last component.
bool matches_exe(const std::string& glob, const std::string& path);
// Matches the whole id; a glob without special characters also matches its beginning.
bool matches_container(const std::string& glob, const std::string& id);
// Matches the path, or one of its parent folders.
bool matches_cgroup(const std::string& glob, const std::string& path);

}  // namespace weft

// SPDX-License-Identifier: Apache-2.0
// Where the configuration comes from: flags > the declarative file, or else the OTEL_*
// variables > defaults. With a file (a flag or OTEL_CONFIG_FILE names it) every other
// OTEL_* variable counts only where the file refers to it with ${NAME}.
#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "agent/base/result.h"
#include "agent/config/config.h"

namespace weft {

using Environment = std::map<std::string, std::string, std::less<>>;

// The process's own environment (environ), read once.
Environment process_environment();

// What the command line said. Absent or empty: not said.
struct Overrides {
  std::optional<std::string> config_file;
  // "KIND[:key=value[,key=value…]]"; any given replaces all exporters of file or variables.
  std::vector<std::string> exporters;
  // Any of pids, exes, ports, containers, cgroups given replaces those five lists;
  // exclude adds to the list in force.
  TargetRules targets;
  std::optional<std::string> rung;
  std::optional<std::string> admin;  // "HOST:PORT" or "off"
  std::optional<std::string> service_name;
  std::optional<std::string> log_level;
};

// Borrowed for the call.
struct Sources {
  const Environment& environment;
  std::span<const ExporterKind> kinds;
  Overrides overrides = {};
};

struct Loaded {
  Config config;
  std::vector<std::string> warnings;  // one line each, for the log, in order of discovery
};

// Errors: kConfig, one line that names the file and line or the variable, the key, what
// was found and what was expected; kUsage when a flag's value is at fault. No globals, no
// logging; reads only the configuration file.
Result<Loaded> load(const Sources& sources);

}  // namespace weft

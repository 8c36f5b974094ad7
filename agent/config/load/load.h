// SPDX-License-Identifier: Apache-2.0
// Where the configuration comes from: flags > the declarative file, or else the OTEL_*
// variables > defaults. With a file (a flag or OTEL_CONFIG_FILE names it) every other
// OTEL_* variable counts only where the file refers to it with ${NAME}.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "agent/base/result.h"
#include "agent/config/config.h"
#include "agent/config/environment.h"

namespace weft {

// What the command line said. Absent or empty: not said.
struct Overrides {
  std::optional<std::string> config_file;
  // "KIND[:key=value[,key=value…]]"; any given replaces all exporters of file or variables.
  std::vector<std::string> exporters;
  // Any of pids, exes, ports, containers, cgroups given replaces those five lists;
  // exclude adds to the list in force.
  TargetRules targets;
  std::optional<std::string> hooks;
  std::optional<std::string> existing_instrumentation;
  std::optional<std::string> admin;       // "HOST:PORT" or "off"
  std::optional<std::string> disk_queue;  // directory
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
  Warnings warnings;  // one line each, for the log, in order of discovery
};

// Errors: kConfig, one line that names the file and line or the variable, the key, what
// was found and what was expected; kUsage when a flag's value is at fault. No globals, no
// logging; reads only the configuration file.
Result<Loaded> load(const Sources& sources);

// What is in force when nobody says anything, but for the exporters: console, if there is
// such a kind.
Config default_config(std::span<const ExporterKind> kinds);

// The whole text of a configuration file. Error kConfig.
Result<std::string> read_file(const std::string& file);

// A configuration file alone, without flags; its text is given. `file` is for messages.
// Every mistake is told, one message each, in `errors`; `config` is of use without any.
struct Checked {
  Config config;
  Warnings warnings;
  std::vector<std::string> errors;
};
Checked check(const std::string& text, const std::string& file, const Environment& environment,
              std::span<const ExporterKind> kinds);

}  // namespace weft

// SPDX-License-Identifier: Apache-2.0
// The sources of the configuration: flags > the declarative file, or else the OTEL_* variables >
// defaults. With a file (named by a flag or OTEL_CONFIG_FILE), all other OTEL_* variables count
// only where the file refers to them with ${NAME}.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "agent/base/result.h"
#include "agent/config/config.h"
#include "agent/config/environment.h"

namespace weft {

// Values from the command line. Absent or empty: not given.
struct Overrides {
  std::optional<std::string> config_file;
  // "KIND[:key=value[,key=value…]]"; any given replaces all exporters of file or variables.
  std::vector<std::string> exporters;
  // If any of pids, exes, ports, containers, cgroups is given, they replace all five lists; exclude
  // adds to the current list.
  TargetRules targets;
  std::optional<std::string> hooks;
  std::optional<std::string> existing_instrumentation;
  std::optional<std::string> budget;      // share of the host's CPU time, or "off"
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

// Errors: kConfig, one line that names the file and line or the variable, the key, what was found
// and what was expected; kUsage if a flag's value is wrong. No globals, no logging; reads only the
// configuration file.
Result<Loaded> load(const Sources& sources);

// The defaults; as exporter the console, if there is such a kind.
Config default_config(std::span<const ExporterKind> kinds);

// The whole text of a configuration file. Error kConfig.
Result<std::string> read_file(const std::string& file);

// Checks a configuration file's text alone, without flags. `file` is for messages. `errors` has one
// message per mistake; `config` is valid only without errors.
struct Checked {
  Config config;
  Warnings warnings;
  std::vector<std::string> errors;
};
Checked check(const std::string& text, const std::string& file, const Environment& environment,
              std::span<const ExporterKind> kinds);

}  // namespace weft

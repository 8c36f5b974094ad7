// SPDX-License-Identifier: Apache-2.0
// The command line: parses argv into one passive struct. Nothing is started or logged here.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "agent/base/result.h"
#include "agent/config/config.h"
#include "agent/config/load/load.h"

namespace weft::cli {

enum class Command : uint8_t {
  kPrint,   // help, version, config check, config print: write `text` to stdout, exit 0
  kRun,     // trace the host according to `config`
  kAttach,  // as kRun; config.targets.pids is the named process
  kDoctor,
  kStatus,      // ask the agent at config.admin_host:admin_port
  kRecord,      // run, and write events to config.record_path
  kExporters,   // print `text`, then the running agent's exporters
  kExportTest,  // send one made-up trace through each of config.exporters
  kReplay,      // `file` through the pipeline to config.exporters; no root, no kernel
};

struct Invocation {
  Command command = Command::kPrint;
  std::string text;   // kPrint, kExporters: ends in a newline
  std::string file;   // kReplay
  bool json = false;  // kStatus, kDoctor
  // run, attach, record: stop by itself after this long; absent: until a signal
  std::optional<std::chrono::milliseconds> duration;
  Config config;                      // resolved; defaults for kPrint
  std::vector<std::string> warnings;  // for the log, or stderr
};

// Errors: kUsage for the command line, kConfig for the file or a variable; one line.
Result<Invocation> parse(int argc, const char* const* argv, const Environment& environment,
                         std::span<const ExporterKind> kinds);

}  // namespace weft::cli

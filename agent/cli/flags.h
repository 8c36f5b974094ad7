// SPDX-License-Identifier: Apache-2.0
// Reads argv into command and flags, without interpreting any value.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "agent/config/load/load.h"

namespace weft::cli {

struct Flags {
  std::string command;  // "run", "config check", …
  std::string help;     // --help was given: its text; nothing else counts
  Overrides overrides;  // except for the numbers below
  std::vector<std::string> pids;
  std::vector<std::string> ports;
  std::optional<std::string> duration;
  std::string attach_pid;
  std::string file;
  bool json = false;
  bool unredacted = false;
  bool show_secrets = false;
};

// Error kUsage: an unknown flag or command (names a similar one), a missing value.
Result<Flags> read_flags(int argc, const char* const* argv, std::span<const ExporterKind> kinds);

}  // namespace weft::cli

// SPDX-License-Identifier: Apache-2.0
// Small bounded reads below /proc, where any file may vanish between two calls: what cannot be read
// is empty.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agent/base/fd.h"

namespace weft {

// At most `limit` bytes from the beginning.
std::string read_text(const std::string& path, size_t limit);
// As read_text, for a file that somebody else may have put there (below /proc/PID/root): opens it
// only if it is a regular file, because opening a device or a pipe can have side effects.
std::string read_regular(const std::string& path, size_t limit);
Fd open_regular(const std::string& path);
std::string read_link(const std::string& path);

// The executable of /proc/PID: by its former name if it was deleted.
std::string executable_of(const std::string& process);
// Lists processes below `proc` (/proc, or another folder in tests).
std::vector<uint32_t> list_pids(const std::string& proc);
// Whether the process is still below `proc`, running or not yet waited for.
bool has_process(const std::string& proc, uint32_t pid);
// The text as a number; 0 if the text is anything else.
uint32_t parse_pid(std::string_view text);

// Parsed /proc/PID/stat. The name may contain spaces and parentheses.
struct ProcStat {
  std::string comm;
  uint32_t ppid = 0;
  uint64_t start_ticks = 0;
  uint64_t args_start = 0, args_end = 0;  // addresses; 0: not readable
  bool kernel_thread = false;
};
std::optional<ProcStat> parse_stat(std::string_view text);

// Whether a title was written over the arguments and on into the environment: then `cmdline` is all
// of that title, and not the arguments.
bool overwritten(const ProcStat& stat, std::string_view cmdline);

// The effective user id of /proc/PID/status.
std::optional<uint32_t> parse_uid(std::string_view status);
// The name of `uid` in a passwd file; empty if it has none.
std::string user_name(std::string_view passwd, uint32_t uid);

// Splits NUL-separated blocks (/proc/PID/cmdline, environ, EXEC record), possibly truncated. An
// argument may be empty; a last one without its NUL is kept.
std::vector<std::string> parse_args(std::string_view block);
// Only OTEL_* variables. cut: the block is truncated, so a last one without its NUL is dropped.
std::vector<std::string> parse_environment(std::string_view block, bool cut);

}  // namespace weft

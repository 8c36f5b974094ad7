// SPDX-License-Identifier: Apache-2.0
// Small bounded reads below /proc, where every file may vanish between two calls: what
// cannot be read is empty.
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
// The same of a file that somebody else may have put there (below /proc/PID/root): it is
// opened only if it is a regular file, for opening a device or a pipe does things.
std::string read_regular(const std::string& path, size_t limit);
Fd open_regular(const std::string& path);
std::string read_link(const std::string& path);

// Of a folder /proc/PID: what it executes, by the name it had if that is gone.
std::string executable_of(const std::string& process);
// Processes below /proc, which may be another folder.
std::vector<uint32_t> list_pids(const std::string& proc);
// The number that is all of the text; 0 if it is not one.
uint32_t parse_pid(std::string_view text);

// /proc/PID/stat. The name may hold spaces and parentheses.
struct ProcStat {
  std::string comm;
  uint32_t ppid = 0;
  uint64_t start_ticks = 0;
  uint64_t args_start = 0, args_end = 0;  // addresses; 0: not to be known
  bool kernel_thread = false;
};
std::optional<ProcStat> parse_stat(std::string_view text);

// Whether a title was written over the arguments and on, into the environment: then
// `cmdline` is that title, to its end, and not the block of arguments.
bool overwritten(const ProcStat& stat, std::string_view cmdline);

// The effective user id of /proc/PID/status.
std::optional<uint32_t> parse_uid(std::string_view status);
// The name of `uid` in a passwd file; empty when it has none.
std::string user_name(std::string_view passwd, uint32_t uid);

// NUL-separated blocks (/proc/PID/cmdline, environ, exec record), possibly cut. An
// argument may be empty; a last one without its NUL is kept.
std::vector<std::string> parse_args(std::string_view block);
// Only OTEL_* variables. `cut`: a last one without its NUL is incomplete, and dropped.
std::vector<std::string> parse_environment(std::string_view block, bool cut);

}  // namespace weft

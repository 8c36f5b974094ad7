// SPDX-License-Identifier: Apache-2.0
// Facts about one process. Passive data; strings as the system gives them (any bytes except NUL).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "agent/discover/context/process_context.h"

namespace weft {

// How work moves between a process's threads: determines which parents can be certain.
enum class TaskModel : uint8_t {
  kThread,     // a thread is a task, unless its sockets are polled (seen per event)
  kGoroutine,  // tasks migrate between threads: a thread proves nothing
};

// Facts gathered once per image (exec), from the exec record or /proc.
struct ProcessFacts {
  uint32_t pid = 0;
  uint32_t ppid = 0;
  uint64_t start_ticks = 0;  // /proc/PID/stat field 22; 0 unknown. With pid: identity
  uint64_t created = 0;      // Unix ns of the process's start, 0 unknown
  uint64_t heard = 0;        // time of its exec or fork record, CLOCK_MONOTONIC ns; 0 none
  bool kernel_thread = false;
  std::string comm;
  std::string exe;                       // resolved path, or as given to execve
  std::string cwd;                       // empty unknown
  std::vector<std::string> args;         // bounded: kMaxArgs of kMaxArgLength bytes
  bool args_cut = false;                 // truncated in the EXEC record
  std::vector<std::string> environment;  // "NAME=value", only OTEL_* are kept
  bool environment_told = false;         // taken from the EXEC record: /proc need not be read
  std::string owner;                     // user name, empty unknown
  std::string cgroup;                    // path below the (v2, else v1) hierarchy's root
  std::string container_id;              // 64 hex, or empty
  std::string container_runtime;         // "docker", "containerd", …; empty unknown
  std::string runtime;                   // "go", "cpython", "nodejs", "jvm", …; empty unknown
  std::string runtime_name;              // process.runtime.name if certain, else empty
  std::string runtime_version;
  std::string language;  // telemetry.sdk.language; empty unknown
  std::string build_id;  // GNU build id, hex
  std::string go_build_id;
  ProcessContextPtr context;  // its published process context; null: none
  TaskModel tasks = TaskModel::kThread;
};

inline constexpr size_t kMaxArgs = 128;
inline constexpr size_t kMaxArgLength = 1024;
inline constexpr size_t kMaxEnvironment = 32;  // OTEL_* variables kept
inline constexpr size_t kMaxEnvironmentLength = 16384;

}  // namespace weft

// SPDX-License-Identifier: Apache-2.0
// What user space knows of one process, and where it was learned.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "agent/span/span.h"

namespace weft {

// How work moves between threads in this process: decides which parents can be certain.
enum class TaskModel : uint8_t {
  kThread,     // a thread is a task, unless its sockets are polled (seen per event)
  kGoroutine,  // tasks migrate between threads: a thread proves nothing
};

// Facts gathered once per image (exec), from the exec record or /proc.
struct ProcessFacts {
  uint32_t pid = 0;
  uint32_t ppid = 0;
  uint64_t start_ticks = 0;  // /proc/PID/stat field 22; 0 unknown. With pid: identity
  std::string comm;
  std::string exe;                  // resolved path, or as given to execve
  std::vector<std::string> args;
  std::vector<std::string> environment;  // "NAME=value", only OTEL_* are kept
  std::string cgroup;        // path below the (v2, else v1) hierarchy's root
  std::string container_id;  // 64 hex, or empty
  std::string runtime;       // "go", "cpython", "nodejs", "jvm", …; empty unknown
  std::string runtime_version;
  std::string language;      // telemetry.sdk.language; empty unknown
  TaskModel tasks = TaskModel::kThread;
};

struct Process {
  ProcessFacts facts;
  ResourcePtr resource;
  bool traced = false;  // verdict of the rules
};
using ProcessPtr = std::shared_ptr<const Process>;

}  // namespace weft

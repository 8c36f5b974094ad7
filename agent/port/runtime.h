// SPDX-License-Identifier: Apache-2.0
// The seam to runtimes: how a program's threads take turns on requests, and so what they prove
// about the parent of what they send. A runtime is one row of data (probes/runtime/<name>).
#pragma once

#include <span>

#include "agent/port/probe_target.h"

namespace weft {

// How the kernel side knows, at each event, which task the thread runs: the value at the end of a
// path of loads, 0 for none. Two tasks that exist at the same time must differ in it.
struct TaskId {
  enum class From : uint8_t {
    kThread,         // the thread is the task
    kVariable,       // the address of a variable of the runtime's file
    kThreadPointer,  // the thread pointer, near which thread-local variables are
    kRegister,       // a register, as when the thread entered the kernel
    kSwitchProbe,    // what a probe with TaskOp::kSwitch has said last on the thread
  };
  From from = From::kThread;
  std::string_view variable{};       // symbol
  uint8_t register_index = 0;        // in the kernel's struct pt_regs
  int64_t add = 0;                   // to where the path starts
  std::span<const int64_t> steps{};  // at most 3: each loads a pointer, and adds this to it
};

// One row of the registry. Constant data.
struct Runtime {
  // id: from probes/runtime.def. executables: whole names, no wildcards. Its probes have a task_op:
  // they say what the runtime does with tasks.
  ProbeTarget target;
  TaskId task_id{};
  // An event loop that does nothing but serve requests, without timers or resumed tasks of its own:
  // what it sends in the run in which it read its only open request belongs to that request.
  bool only_serves_requests = false;
};

// Expanded from probes/runtime.def (probes/runtimes.cpp).
std::span<const Runtime> runtimes();

}  // namespace weft

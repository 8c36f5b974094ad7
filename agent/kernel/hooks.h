// SPDX-License-Identifier: Apache-2.0
// The fallback chain as data: for each thing to observe, the programs of each hook type and what
// they need from the kernel. No libbpf here.
#pragma once

#include <array>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "agent/config/config.h"

namespace weft::kernel {

// kProbe: loaded with the rest, attached to each function to probe that is found. kIterator: loaded
// with the rest, attached when it is read.
enum class AttachKind : uint8_t { kTracepoint, kFentry, kKprobe, kProbe, kIterator };

// A program and its attach target. A kKprobe program may be listed with several targets; programs
// of other kinds have theirs built in.
struct ProgramRef {
  std::string_view name;  // program name in the skeleton
  AttachKind kind;
  std::string_view target;  // tracepoint or kernel function
  bool optional = false;    // the hook type is usable without it
};

// The programs that observe one thing with one hook type.
struct HookPrograms {
  HookType type;
  std::vector<ProgramRef> programs;
};
// What is observed besides processes and sockets, which always are. Each costs the time to verify
// its programs.
struct Observed {
  bool files = false;      // operations on logs
  bool libraries = false;  // that processes map
  bool functions = false;  // of any probe target
  bool layers = false;     // bytes that functions of libraries take and return
  bool tasks = false;      // tasks that runtimes name, and operations on them
  // Operations on files are hooked only when a log is written, or when user space asks for it:
  // hooks on system calls cost a little of every one of them.
  bool files_when_asked = false;
};
struct Hook {
  std::string_view name;  // shown by doctor and status
  bool required;          // without any hook type the agent cannot work
  bool has_fallbacks;     // --hooks applies if the hook has that type
  std::vector<HookPrograms> fallbacks;
  bool Observed::*only_for = nullptr;  // null: always
  // The program that tells when the others of this hook are needed; empty: they always are.
  std::string_view asked_for_by = {};
};

// Constant table with static lifetime.
std::span<const Hook> hooks();
// Those of the table that are needed for this.
std::vector<Hook> hooks_for(const Observed& observed);

// The table's first entry for the program of that name, which must exist.
const ProgramRef& program_named(std::string_view name);

std::string_view hook_type_name(HookType type);

}  // namespace weft::kernel

// SPDX-License-Identifier: Apache-2.0
// The fallback chain as data: for each thing to observe, which programs observe it on each hook
// type and what the kernel must have for them. No libbpf here.
#pragma once

#include <array>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "agent/config/config.h"

namespace weft::kernel {

// kProbe: loaded with the rest, attached to each function of an engine that is found.
// kIterator: loaded with the rest, attached when it is asked.
enum class AttachKind : uint8_t { kTracepoint, kFentry, kKprobe, kProbe, kIterator };

// A program and where it is attached. Of kind kKprobe, one may have several places; others have
// theirs built in.
struct ProgramRef {
  std::string_view name;  // of the program in the skeleton
  AttachKind kind;
  std::string_view target;  // tracepoint or kernel function
  bool optional = false;    // its absence does not cost the hook type
};

// One observation and the programs of each hook type, best hook type first.
struct HookPrograms {
  HookType type;
  std::vector<ProgramRef> programs;
};
struct Hook {
  std::string_view name;  // shown by doctor and status
  bool required;          // without any hook type the agent cannot do its work
  bool has_fallbacks;     // --hooks applies, if the hook has that hook type
  std::vector<HookPrograms> fallbacks;
};

// Constant table, valid for the process's life. The first ones are of processes and sockets,
// what storage needs comes after them.
std::span<const Hook> hooks();
std::span<const Hook> hooks_without_storage();

// The program of that name, which is in the table, at the first of its places.
const ProgramRef& program_named(std::string_view name);

std::string_view hook_type_name(HookType type);

}  // namespace weft::kernel

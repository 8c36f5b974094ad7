// SPDX-License-Identifier: Apache-2.0
// The ladder as data: for each thing to observe, which programs observe it on each rung
// and what the kernel must have for them. No libbpf here.
#pragma once

#include <array>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "agent/config/config.h"

namespace weft::kernel {

// kSite: loaded with the rest, attached to each function of an engine that is found.
// kIterator: loaded with the rest, attached when it is asked.
enum class AttachKind : uint8_t { kTracepoint, kFentry, kKprobe, kSite, kIterator };

// A program and where it is attached. Of kind kKprobe, one may have several places; others have
// theirs built in.
struct ProgramRef {
  std::string_view name;  // of the program in the skeleton
  AttachKind kind;
  std::string_view target;  // tracepoint or kernel function
  bool optional = false;    // its absence does not cost the rung
};

// One observation and the programs of each rung, best rung first.
struct HookRung {
  Rung rung;
  std::vector<ProgramRef> programs;
};
struct Hook {
  std::string_view name;  // shown by doctor and status
  bool required;          // without any rung the agent cannot do its work
  bool ladder;            // --rung applies, if the hook has that rung
  std::vector<HookRung> rungs;
};

// Constant table, valid for the process's life. The first ones are of processes and sockets,
// what storage needs comes after them.
std::span<const Hook> hooks();
std::span<const Hook> hooks_without_storage();

// The program of that name, which is in the table, at the first of its places.
const ProgramRef& program_named(std::string_view name);

std::string_view rung_name(Rung rung);

}  // namespace weft::kernel

// SPDX-License-Identifier: Apache-2.0
// The declarative configuration file (file_format 1.1): the parts that concern a tracing agent, and
// our own under distribution.weft.
#pragma once

#include <span>

#include "agent/config/config.h"
#include "agent/config/load/section.h"

namespace weft {

// Applies the file's tree to `config`, which holds the defaults. Errors go to `findings`, and their
// values stay unchanged.
void read_document(const YamlNode& root, std::span<const ExporterKind> kinds, Config& config,
                   Findings& findings);

// The parts of the document, one source file each.
void read_tracer_provider(Section provider, std::span<const ExporterKind> kinds, Config& config);
void read_exporter(Section choice, std::span<const ExporterKind> kinds, ExporterConfig& exporter);
void read_instrumentation(Section instrumentation, Config& config);
void read_weft(Section weft, Config& config);

// Indexed by enum ExistingInstrumentation.
inline constexpr std::string_view kInstrumentationNames[] = {"prefer_sdk", "both"};
inline constexpr std::string_view kDiskSyncNames[] = {"never", "second", "always"};
inline constexpr std::string_view kHookTypeNames[] = {"auto", "fentry", "tracepoint", "kprobe",
                                                      "syscall"};  // by enum HookType

}  // namespace weft

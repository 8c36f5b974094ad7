// SPDX-License-Identifier: Apache-2.0
// What functions are probed in: the part that all kinds of tenants have in common. How they are
// found in processes, located in binaries and attached is the same for all; what their calls mean
// is known to the kind's consumer (agent/pipeline).
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "agent/port/probe_spec.h"
#include "bpf/abi/weft_event.h"

namespace weft {

enum class TargetKind : uint8_t {
  kEngine = WEFT_KIND_ENGINE,    // agent/port/engine.h
  kLibrary = WEFT_KIND_LIBRARY,  // agent/port/library.h
  kRuntime = WEFT_KIND_RUNTIME,  // agent/port/runtime.h
};

constexpr std::string_view kind_name(TargetKind kind) {
  switch (kind) {
    case TargetKind::kEngine:
      return "engine";
    case TargetKind::kLibrary:
      return "library";
    case TargetKind::kRuntime:
      return "runtime";
  }
  return "";
}

// Constant data, a member of the rows of the registries.
struct ProbeTarget {
  TargetKind kind;
  uint8_t id;             // of its line in the kind's .def file; in recordings, so never reused
  std::string_view name;  // folder name
  // Globs over base names: executables that are the target, libraries that contain it.
  std::span<const std::string_view> executables{};
  std::span<const std::string_view> libraries{};
  std::span<const ProbeSpec> probes{};
};

}  // namespace weft

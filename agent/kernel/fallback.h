// SPDX-License-Identifier: Apache-2.0
// Chooses a hook type for every hook: the best that the kernel offers, or the forced one.
#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "agent/base/result.h"
#include "agent/kernel/hooks.h"

namespace weft::kernel {

struct Choice {
  const Hook* hook;
  HookType type = HookType::kAuto;  // kAuto: none; the hook is off
  std::string reason;  // why no better hook type, in the order of the fallback chain; may be empty
  bool waits = false;  // its programs are attached when they are asked for
};

struct Plan {
  std::vector<Choice> choices;  // one per hook
  // Programs to load, and what each attaches to.
  std::map<std::string, std::set<std::string_view>, std::less<>> programs;
};

// Returns why a program is not available; empty: it is.
using Missing = std::function<std::string(const ProgramRef&)>;

// Pure. Fails if a required hook has no usable hook type, or not the forced one.
Result<Plan> choose_hook_types(std::span<const Hook> hooks, HookType forced,
                               const Missing& missing);

}  // namespace weft::kernel

// SPDX-License-Identifier: Apache-2.0
// Chooses a hook type for every hook: the best the kernel offers, or the forced one.
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
  HookType type = HookType::kAuto;  // kAuto: none, the hook is off
  std::string
      reason;  // why not a better hook type, in the order of the fallback chain; may be empty
};

struct Plan {
  std::vector<Choice> choices;  // one per hook
  // To load, and what each is to be attached to.
  std::map<std::string, std::set<std::string_view>, std::less<>> programs;
};

// Says why a program cannot be had; empty when it can.
using Missing = std::function<std::string(const ProgramRef&)>;

// Pure. Fails when a required hook has no hook type left, or not the forced one.
Result<Plan> choose_hook_types(std::span<const Hook> hooks, HookType forced,
                               const Missing& missing);

}  // namespace weft::kernel

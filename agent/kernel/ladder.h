// SPDX-License-Identifier: Apache-2.0
// Chooses a rung for every hook: the best the kernel offers, or the forced one.
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
  Rung rung = Rung::kAuto;  // kAuto: none, the hook is off
  std::string reason;       // why not a better rung, in the ladder's order; may be empty
};

struct Plan {
  std::vector<Choice> choices;  // one per hook
  // To load, and what each is to be attached to.
  std::map<std::string, std::set<std::string_view>, std::less<>> programs;
};

// Says why a program cannot be had; empty when it can.
using Missing = std::function<std::string(const ProgramRef&)>;

// Pure. Fails when a required hook has no rung left, or not the forced one.
Result<Plan> choose_rungs(std::span<const Hook> hooks, Rung forced, const Missing& missing);

}  // namespace weft::kernel

// SPDX-License-Identifier: Apache-2.0
#include "agent/kernel/fallback.h"

#include <algorithm>

namespace weft::kernel {
namespace {

// Collects the available programs of a hook type. False: the hook type is not usable, with the
// reason.
bool usable(const HookPrograms& fallback, const Missing& missing, std::vector<ProgramRef>& programs,
            std::string& reason) {
  for (const ProgramRef& program : fallback.programs) {
    const std::string why = missing(program);
    if (why.empty()) {
      programs.push_back(program);
    } else if (!program.optional) {
      reason = why;
      return false;
    }
  }
  return true;
}

Choice choose(const Hook& hook, HookType forced, const Missing& missing, Plan& plan) {
  Choice choice{.hook = &hook, .type = HookType::kAuto, .reason = {}};
  const bool has_forced =
      std::ranges::find(hook.fallbacks, forced, &HookPrograms::type) != hook.fallbacks.end();
  for (const HookPrograms& fallback : hook.fallbacks) {
    if (hook.has_fallbacks && has_forced && fallback.type != forced) continue;
    std::vector<ProgramRef> programs;
    std::string why;
    if (usable(fallback, missing, programs, why)) {
      choice.type = fallback.type;
      for (const ProgramRef& p : programs) plan.programs[std::string(p.name)].insert(p.target);
      return choice;
    }
    if (!choice.reason.empty()) choice.reason += "; ";
    choice.reason += std::string(hook_type_name(fallback.type)) + ": " + why;
  }
  return choice;
}

}  // namespace

Result<Plan> choose_hook_types(std::span<const Hook> hooks, HookType forced,
                               const Missing& missing) {
  Plan plan;
  for (const Hook& hook : hooks) {
    Choice choice = choose(hook, forced, missing, plan);
    if (choice.type == HookType::kAuto && hook.required) {
      const std::string way_out = forced == HookType::kAuto || !hook.has_fallbacks
                                      ? "; `weft doctor` lists what this kernel offers"
                                      : "; use --hooks auto or another hook type";
      return fail(ExitCode::kKernelRefused,
                  "cannot observe '" + std::string(hook.name) + "': " + choice.reason + way_out);
    }
    plan.choices.push_back(std::move(choice));
  }
  return plan;
}

}  // namespace weft::kernel

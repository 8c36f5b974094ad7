// SPDX-License-Identifier: Apache-2.0
#include "agent/kernel/ladder.h"

#include <algorithm>

namespace weft::kernel {
namespace {

// Programs of the rung that can be had; nullopt-like: false with the reason.
bool usable(const HookRung& rung, const Missing& missing, std::vector<ProgramRef>& programs,
            std::string& reason) {
  for (const ProgramRef& program : rung.programs) {
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

Choice choose(const Hook& hook, Rung forced, const Missing& missing, Plan& plan) {
  Choice choice{.hook = &hook, .rung = Rung::kAuto, .reason = {}};
  const bool has_forced =
      std::ranges::find(hook.rungs, forced, &HookRung::rung) != hook.rungs.end();
  for (const HookRung& rung : hook.rungs) {
    if (hook.ladder && has_forced && rung.rung != forced) continue;
    std::vector<ProgramRef> programs;
    std::string why;
    if (usable(rung, missing, programs, why)) {
      choice.rung = rung.rung;
      for (const ProgramRef& p : programs) plan.programs[std::string(p.name)].insert(p.target);
      return choice;
    }
    if (!choice.reason.empty()) choice.reason += "; ";
    choice.reason += std::string(rung_name(rung.rung)) + ": " + why;
  }
  return choice;
}

}  // namespace

Result<Plan> choose_rungs(std::span<const Hook> hooks, Rung forced, const Missing& missing) {
  Plan plan;
  for (const Hook& hook : hooks) {
    Choice choice = choose(hook, forced, missing, plan);
    if (choice.rung == Rung::kAuto && hook.required) {
      const std::string way_out = forced == Rung::kAuto || !hook.ladder
                                      ? "; `weft doctor` lists what this kernel offers"
                                      : "; use --rung auto or another rung";
      return fail(ExitCode::kKernelRefused,
                  "cannot observe '" + std::string(hook.name) + "': " + choice.reason + way_out);
    }
    plan.choices.push_back(std::move(choice));
  }
  return plan;
}

}  // namespace weft::kernel

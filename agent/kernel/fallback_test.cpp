// SPDX-License-Identifier: Apache-2.0
#include "agent/kernel/fallback.h"

#include <algorithm>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace weft::kernel {
namespace {

using ::testing::Contains;
using ::testing::IsSupersetOf;

Missing without(std::set<std::string> programs) {
  return [programs = std::move(programs)](const ProgramRef& p) {
    return programs.contains(std::string(p.name)) ? "not here" : "";
  };
}
Missing without_kind(std::set<AttachKind> kinds) {
  return [kinds = std::move(kinds)](const ProgramRef& p) {
    return kinds.contains(p.kind) ? "refused" : "";
  };
}

const Choice& choice(const Plan& plan, std::string_view hook) {
  return *std::ranges::find_if(plan.choices, [&](const Choice& c) { return c.hook->name == hook; });
}

TEST(Fallback, TakesTheBestHookTypeOfEveryHook) {
  const auto plan = choose_hook_types(hooks(), HookType::kAuto, without({}));
  ASSERT_TRUE(plan);
  EXPECT_EQ(choice(*plan, "tcp send").type, HookType::kFentry);
  EXPECT_EQ(choice(*plan, "unix receive").type, HookType::kFentry);
  EXPECT_TRUE(plan->programs.contains("fe_tcp_sending"));
  EXPECT_FALSE(plan->programs.contains("tp_sent"));
  EXPECT_FALSE(plan->programs.contains("sys_moved"));
}

TEST(Fallback, StepsDownWithTheReason) {
  const auto plan =
      choose_hook_types(hooks(), HookType::kAuto, without_kind({AttachKind::kFentry}));
  ASSERT_TRUE(plan);
  EXPECT_EQ(choice(*plan, "tcp send").type, HookType::kTracepoint);
  EXPECT_EQ(choice(*plan, "tcp send").reason, "fentry: refused");
}

TEST(Fallback, OneMissingProgramCostsOnlyItsHook) {
  const auto plan = choose_hook_types(hooks(), HookType::kAuto, without({"fx_unix_sent"}));
  ASSERT_TRUE(plan);
  EXPECT_EQ(choice(*plan, "unix send").type, HookType::kTracepoint);
  EXPECT_EQ(choice(*plan, "tcp send").type, HookType::kFentry);
}

TEST(Fallback, AnOptionalProgramCostsNothing) {
  const auto plan = choose_hook_types(hooks(), HookType::kTracepoint, without({"tp_tcp_sending"}));
  ASSERT_TRUE(plan);
  EXPECT_EQ(choice(*plan, "tcp send").type, HookType::kTracepoint);
  EXPECT_FALSE(plan->programs.contains("tp_tcp_sending"));
}

TEST(Fallback, AForcedHookTypeIsTakenOrRefused) {
  const auto kprobe = choose_hook_types(hooks(), HookType::kKprobe, without({}));
  ASSERT_TRUE(kprobe);
  EXPECT_EQ(choice(*kprobe, "tcp receive").type, HookType::kKprobe);
  // this hook has no fallback chain
  EXPECT_EQ(choice(*kprobe, "tcp life").type, HookType::kTracepoint);
  const auto refused =
      choose_hook_types(hooks(), HookType::kKprobe, without_kind({AttachKind::kKprobe}));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ExitCode::kKernelRefused);
  EXPECT_NE(refused.error().message.find("--hooks auto"), std::string::npos);
}

TEST(Fallback, NothingLeftIsAnErrorOnlyForARequiredHook) {
  const auto no_unix = choose_hook_types(
      hooks(), HookType::kAuto, without({"fx_unix_sent", "tp_sent", "kp_unix_call", "sys_moved"}));
  ASSERT_TRUE(no_unix);
  EXPECT_EQ(choice(*no_unix, "unix send").type, HookType::kAuto);
  EXPECT_FALSE(choose_hook_types(hooks(), HookType::kAuto, without({"sock_state"})));
}

TEST(Fallback, OneProgramServesSeveralFunctions) {
  const auto plan = choose_hook_types(hooks(), HookType::kKprobe, [](const ProgramRef& p) {
    return p.target == "tcp_sendpage" ? "not in this kernel" : "";
  });
  ASSERT_TRUE(plan);
  EXPECT_EQ(plan->programs.at("kr_sent"),
            (std::set<std::string_view>{"mptcp_sendmsg", "tcp_sendmsg_locked",
                                        "unix_stream_sendmsg", "unix_stream_sendpage"}));
  EXPECT_EQ(plan->programs.at("kp_call"), std::set<std::string_view>{"mptcp_sendmsg"});
}

TEST(Fallback, OnlyWhatIsObserved) {
  const auto names = [](const Observed& observed) {
    std::vector<std::string_view> out;
    for (const Hook& hook : hooks_for(observed)) out.push_back(hook.name);
    return out;
  };
  const std::vector<std::string_view> least{"processes",   "tcp life",  "tcp send",
                                            "tcp receive", "unix send", "unix receive"};
  EXPECT_EQ(names({}), least);
  EXPECT_THAT(names({.files = true}), IsSupersetOf({"file io", "file changes", "file io_uring"}));
  EXPECT_THAT(names({.libraries = true}), Contains("mapped libraries"));
  EXPECT_THAT(names({.functions = true}), IsSupersetOf({"function calls", "mapped code"}));
  EXPECT_THAT(names({.layers = true}), Contains("library bytes"));
  EXPECT_THAT(names({.tasks = true}), Contains("runtime tasks"));
  EXPECT_EQ(names({true, true, true, true, true}).size(), hooks().size());
}

TEST(Fallback, ProgramNamesFitTheKernel) {
  for (const Hook& hook : hooks()) {
    for (const HookPrograms& fallback : hook.fallbacks) {
      for (const ProgramRef& program : fallback.programs) EXPECT_LE(program.name.size(), 15u);
    }
  }
}

}  // namespace
}  // namespace weft::kernel

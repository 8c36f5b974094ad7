// SPDX-License-Identifier: Apache-2.0
#include "agent/discover/exec_facts.h"

#include <cstring>

#include "agent/base/clock.h"
#include "agent/discover/proc/proc_file.h"

namespace weft {
namespace {

constexpr uint64_t kTick = 10'000'000;  // ns: USER_HZ is 100

template <size_t N>
std::string text_of(const char (&field)[N]) {
  return {field, strnlen(field, N)};
}

// Ticks count from boot, sleep included; records do not count sleep.
bool started_after(const ProcessFacts& live, uint64_t heard) {
  const uint64_t asleep = now_ns(CLOCK_BOOTTIME) - monotonic_ns();
  return live.start_ticks * kTick > heard + asleep + 2 * kTick;
}

}  // namespace

ProcessFacts facts_of(const Event& event) {
  const auto& exec = event.as<weft_ev_exec>();
  const std::string_view tail = event.tail<weft_ev_exec>();
  const std::string_view args = tail.substr(0, exec.args_len);
  ProcessFacts facts;
  facts.pid = exec.h.pid;
  facts.ppid = exec.ppid;
  facts.heard = exec.h.time;
  facts.comm = text_of(exec.comm);
  facts.exe = text_of(exec.path);
  facts.args = parse_args(args);
  facts.args_cut = !args.empty() && args.back() != '\0';
  facts.environment = parse_environment(tail.substr(args.size()).substr(0, exec.env_len), true);
  return facts;
}

bool same_process(const ProcessFacts& told, const ProcessFacts& live) {
  if (told.start_ticks != 0 && live.start_ticks != 0) {
    return told.start_ticks == live.start_ticks;
  }
  return told.heard == 0 || !started_after(live, told.heard);
}

ProcessFacts merged(const ProcessFacts& told, ProcessFacts live) {
  if (live.args.empty() || (!told.args.empty() && !told.args_cut)) {
    live.args = told.args;
    live.args_cut = told.args_cut;
  }
  if (live.environment.empty()) live.environment = told.environment;
  if (live.comm.empty()) live.comm = told.comm;
  if (live.exe.empty()) live.exe = told.exe;
  live.heard = told.heard;
  return live;
}

}  // namespace weft

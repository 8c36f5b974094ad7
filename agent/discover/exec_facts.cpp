// SPDX-License-Identifier: Apache-2.0
#include "agent/discover/exec_facts.h"

#include <algorithm>
#include <cstring>

#include "agent/base/clock.h"
#include "agent/discover/proc/proc_file.h"
#include "agent/discover/service_name.h"

namespace weft {
namespace {

constexpr uint64_t kTick = 10'000'000;  // ns: USER_HZ is 100

template <size_t N>
std::string text_of(const char (&field)[N]) {
  return {field, strnlen(field, N)};
}

// Appends NUL-terminated words one after another, as the kernel lays them out.
uint16_t append(std::vector<char>& record, const std::vector<std::string>& words) {
  std::string block;
  for (const std::string& word : words) block += word + '\0';
  block.resize(std::min<size_t>(block.size(), WEFT_ARGS_MAX));
  record.insert(record.end(), block.begin(), block.end());
  return static_cast<uint16_t>(block.size());
}

bool names(std::string_view variable) {
  return variable.starts_with("OTEL_SERVICE_NAME=") ||
         variable.starts_with("OTEL_RESOURCE_ATTRIBUTES=");
}

// True: `live` started after time `heard`. Ticks count from boot, including suspend; the records'
// clock does not.
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
  const std::string_view environment = tail.substr(args.size()).substr(0, exec.env_len);
  facts.environment = parse_environment(environment, true);
  facts.environment_told = environment.empty() || environment.back() == '\0';
  return facts;
}

std::vector<char> exec_record(weft_ev_exec head, const std::vector<std::string>& args,
                              const std::vector<std::string>& environment) {
  std::vector<char> record(sizeof head);
  head.h.type = WEFT_EV_EXEC;
  head.args_len = append(record, args);
  head.env_len = append(record, environment);
  head.h.size = static_cast<uint32_t>(record.size());
  std::memcpy(record.data(), &head, sizeof head);
  return record;
}

std::vector<char> redacted_exec(const Event& exec) {
  ProcessFacts facts = facts_of(exec);
  std::erase_if(facts.environment, [](const std::string& v) { return !names(v); });
  return exec_record(exec.as<weft_ev_exec>(), naming_args(facts), facts.environment);
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
  if (told.environment_told || live.environment.empty()) live.environment = told.environment;
  live.environment_told = told.environment_told;
  if (live.comm.empty()) live.comm = told.comm;
  if (live.exe.empty()) live.exe = told.exe;
  live.heard = told.heard;
  return live;
}

}  // namespace weft

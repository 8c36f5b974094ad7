// SPDX-License-Identifier: Apache-2.0
#include "agent/app/budget.h"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <ctime>
#include <numeric>
#include <unistd.h>

namespace weft::app {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kStep{200};
constexpr milliseconds kWindow{200};
// Between windows in which programs are measured: while watching costs something, and at rest.
constexpr milliseconds kOften{3'000};
constexpr milliseconds kSeldom{30'000};
constexpr double kBusy = 0.2;  // of the budget

double process_seconds() {
  timespec time{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
}

double seconds(Budget::Time::duration d) {
  return std::chrono::duration<double>(d).count();
}

}  // namespace

Budget::Budget(const Config& config, kernel::Object& kernel, Pipeline& pipeline,
               CounterSet& counters)
    : governor_(config.budget, config.sampler),
      kernel_(kernel),
      pipeline_(pipeline),
      emitted_(counters.get("weft.spans.emitted")),
      sampled_out_(counters.get("weft.spans.sampled_out")),
      left_out_(counters.get("weft.exchanges.left_out")),
      counts_(kernel.left_out()),
      program_time_(kernel.program_time()),
      cpus_(static_cast<double>(sysconf(_SC_NPROCESSORS_ONLN))),
      last_(std::chrono::steady_clock::now()),
      window_(last_),
      agent_seconds_(process_seconds()) {
  apply();
}

void Budget::apply() {
  kernel_.set_thresholds(governor_.thresholds());
  pipeline_.set_thresholds(governor_.thresholds());
}

void Budget::measure_programs(Time now) {
  if (program_time_.open()) {
    if (now - window_ < kWindow) return;
    const double taken = static_cast<double>(program_time_.end_window()) / 1e9;
    program_share_ = taken / seconds(now - window_);
    return;
  }
  if (now - window_ < (governor_.load() > kBusy ? kOften : kSeldom)) return;
  window_ = now;
  program_time_.begin_window();
}

void Budget::tick(Time now) {
  if (!governor_.enabled() || now - last_ < kStep) return;
  measure_programs(now);
  const double elapsed = seconds(now - std::exchange(last_, now));
  const double agent = process_seconds();
  const double used = (agent - std::exchange(agent_seconds_, agent)) / elapsed + program_share_;
  const uint64_t spans = emitted_.value() - sampled_out_.value();
  const double rate = static_cast<double>(spans - std::exchange(spans_, spans)) / elapsed;
  cpu_ = used / cpus_;
  if (governor_.update({.cpu = cpu_, .spans_per_second = rate})) apply();
}

void Budget::read_counts() {
  counts_.read(
      [this](const weft_left_out_key& of, const weft_left_out& counted) {
        const auto requests =
            std::accumulate(std::begin(counted.count), std::end(counted.count), uint64_t{0});
        if (requests == 0) return;
        const ProcessPtr process = pipeline_.processes().get(of.pid);
        if (!process->traced) return;
        left_out_.add(requests);
        pipeline_.request_metrics().left_out(
            {.pid = of.pid,
             .resource = &process->resource->attributes,
             .port = of.port,
             .protocol = of.protocol,
             .role = of.role == WEFT_ROLE_CLIENT ? Role::kClient : Role::kServer,
             .status = static_cast<weft_status>(std::min<int>(of.status, WEFT_STATUSES - 1)),
             .duration = 0},
            counted.count, counted.sum);
      },
      [](uint32_t pid) { return kill(static_cast<pid_t>(pid), 0) != 0 && errno == ESRCH; });
}

}  // namespace weft::app

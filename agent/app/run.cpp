// SPDX-License-Identifier: Apache-2.0
#include "agent/app/run.h"

#include <atomic>
#include <cstdio>
#include <cstring>
#include <signal.h>
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include "agent/admin/server.h"
#include "agent/app/budget.h"
#include "agent/app/probe_targets.h"
#include "agent/app/report.h"
#include "agent/app/status_board.h"
#include "agent/attach/log_writers.h"
#include "agent/attach/planner.h"
#include "agent/attach/task_ids.h"
#include "agent/cli/instance_lock.h"
#include "agent/delivery/exporters.h"
#include "agent/discover/exec_facts.h"
#include "agent/kernel/reader.h"
#include "agent/kernel/recording.h"
#include "agent/pipeline/pipeline.h"

namespace weft::app {
namespace {

using std::chrono::milliseconds;
using SteadyClock = std::chrono::steady_clock;

constexpr milliseconds kIdle{100};    // longest sleep, bounds the answer to a status request
constexpr milliseconds kTick{1000};   // housekeeping
constexpr milliseconds kFlush{5000};  // for the exporters at the end

std::atomic<bool> stop_requested{false};

void on_signal(int) {
  stop_requested = true;
}

void catch_signals() {
  struct sigaction action {};
  action.sa_handler = on_signal;
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
  signal(SIGPIPE, SIG_IGN);
}

Status check_targets(const TargetRules& targets) {
  for (const uint32_t pid : targets.pids) {
    if (kill(static_cast<pid_t>(pid), 0) != 0 && errno == ESRCH) {
      return fail(ExitCode::kNoSuchProcess,
                  "no process " + std::to_string(pid) + ": see `ps` for the pid to name");
    }
  }
  return {};
}

// An EXEC record that describes a process older than the recording to a replay.
std::vector<char> describe(const ProcessFacts& facts) {
  weft_ev_exec head{};
  head.h.time = monotonic_ns();
  head.h.pid = head.h.tid = facts.pid;
  head.ppid = facts.ppid;
  std::strncpy(head.comm, facts.comm.c_str(), sizeof head.comm - 1);
  std::strncpy(head.path, facts.exe.c_str(), sizeof head.path - 1);
  return exec_record(head, facts.args, facts.environment);
}

bool always_logs(const ProbeTarget& target) {
  if (target.kind != TargetKind::kEngine) return false;
  const Engine* engine = engine_with(target.id);
  return engine && !engine->log_is_optional;
}

// Passes events from the rings to the pipeline until asked to stop.
class Agent {
 public:
  Agent(const cli::Invocation& invocation, std::unique_ptr<kernel::Object> kernel,
        const storage::Patterns& patterns, std::unique_ptr<SpanFanout> exporters,
        CounterSet& counters, StatusBoard& board)
      : invocation_(invocation),
        counters_(counters),
        board_(board),
        kernel_(std::move(kernel)),
        task_ids_(runtimes(),
                  [this](uint32_t pid, const weft_fetch& where) {
                    if (kernel_) kernel_->set_task_id(pid, where);
                  }),
        log_writers_([this](bool wanted) {
          if (kernel_) kernel_->observe_files(wanted);
        }),
        planner_(
            kernel_->probes(), kernel_->code(), probe_targets(invocation.config),
            [this](const ProbeTarget& target, uint32_t pid) {
              if (always_logs(target)) log_writers_.add(pid);
              pipeline_.has_target(target, pid);
              task_ids_.found(target, pid);
            },
            invocation.config.storage.records),
        pipeline_(invocation.config, ProcSource::proc(), control(), patterns, std::move(exporters),
                  counters),
        budget_(invocation.config, *kernel_, pipeline_, counters) {
    if (!invocation.config.storage.enabled) return;
    log_writers_.scan([&](std::string_view folder, std::string_view name) {
      return patterns.is_log(folder, name);
    });
  }

  Status run() {
    Status recording = start_recording();
    if (!recording) return recording;
    EventSink& first = recorder_ ? static_cast<EventSink&>(*recorder_) : pipeline_;
    auto reader = kernel::Reader::make(*kernel_, first, counters_);
    if (!reader) return std::unexpected(reader.error());
    pipeline_.processes().scan();
    planner_.scan();
    announce();
    loop(**reader);
    (*reader)->flush();
    reader->reset();
    kernel_.reset();  // detach before the exporters take their time
    pipeline_.stop(SteadyClock::now() + kFlush);
    return recorder_ ? recorder_->finish() : Status{};
  }

 private:
  SourceControl control() {
    return {.on_decision =
                [this](uint32_t pid, bool traced) {
                  if (kernel_) {
                    kernel_->set_target_decision(pid,
                                                 traced ? WEFT_TARGET_TRACE : WEFT_TARGET_IGNORE);
                  }
                },
            .on_gone =
                [this](uint32_t pid) {
                  if (kernel_) kernel_->forget_target_decision(pid);
                },
            .on_capture_override =
                [this](uint64_t connection, uint32_t head_cap, bool ignore) {
                  if (kernel_) kernel_->override_capture(connection, {head_cap, ignore ? 1u : 0u});
                },
            .on_unwanted_file =
                [this](const weft_file_key& key) {
                  if (kernel_) kernel_->ignore_file(key);
                },
            .on_exec =
                [this](uint32_t pid, std::string_view path) {
                  log_writers_.ended(pid);
                  if (kernel_) planner_.executed(pid, path);
                },
            .on_fork = [this](uint32_t parent, uint32_t child) { planner_.forked(parent, child); },
            .on_exit =
                [this](uint32_t pid) {
                  log_writers_.ended(pid);
                  planner_.ended(pid);
                },
            .on_library =
                [this](uint32_t pid) {
                  if (kernel_) planner_.mapping(pid);
                },
            .on_log = [this](uint32_t pid) { log_writers_.add(pid); },
            .on_origin =
                [this](uint64_t connection, bool continued) {
                  if (kernel_) kernel_->set_origin(connection, continued);
                },
            .on_context =
                [this](uint64_t exchange_id, const weft_exchange_context& context) {
                  if (kernel_) kernel_->set_context(exchange_id, context);
                }};
  }

  Status start_recording() {
    const Config& config = invocation_.config;
    if (config.record_path.empty()) return {};
    auto recorder = kernel::Recorder::create(
        config.record_path, config.record_unredacted, pipeline_,
        [this](uint32_t pid) { return describe(pipeline_.processes().get(pid)->facts); });
    if (!recorder) return std::unexpected(recorder.error());
    recorder_ = std::move(*recorder);
    return {};
  }

  void publish() {
    budget_.read_counts();
    board_.publish(make_report(*kernel_, planner_, pipeline_, budget_, counters_, started_));
  }

  void announce() {
    publish();
    std::string hook_types;
    for (const StatusReport::Hook& hook : hook_rows(kernel_->choices())) {
      hook_types += (hook_types.empty() ? "" : ", ") + hook.hook + ": " + hook.type;
    }
    spdlog::info("tracing ({})", hook_types);
  }

  void loop(kernel::Reader& reader) {
    const auto begin = SteadyClock::now();
    auto next_tick = begin + kTick;
    while (!stop_requested) {
      reader.poll(kIdle);
      const auto now = SteadyClock::now();
      budget_.tick(now);
      if (board_.asked()) publish();
      if (now >= next_tick) {
        pipeline_.tick(monotonic_ns());
        planner_.tick(monotonic_ns());
        log_writers_.tick(monotonic_ns());
        budget_.read_counts();
        pipeline_.set_clock(WallClock::now());
        next_tick = now + kTick;
      }
      if (invocation_.duration && now - begin >= *invocation_.duration) break;
    }
  }

  const cli::Invocation& invocation_;
  CounterSet& counters_;
  StatusBoard& board_;
  const uint64_t started_ = monotonic_ns();
  std::unique_ptr<kernel::Object> kernel_;
  attach::TaskIds task_ids_;
  attach::LogWriters log_writers_;
  attach::Planner planner_;
  Pipeline pipeline_;
  Budget budget_;
  std::unique_ptr<kernel::Recorder> recorder_;
};

// A replay's housekeeping: once per second of recorded time.
class Ticking final : public EventSink {
 public:
  explicit Ticking(Pipeline& pipeline) : pipeline_(pipeline) {}
  void push(const Event& event) override {
    const uint64_t now = event.head->time;
    if (next_ == 0) next_ = now + kTickNs;
    if (now >= next_) {
      pipeline_.tick(now);
      next_ = now + kTickNs;
    }
    pipeline_.push(event);
  }

 private:
  static constexpr uint64_t kTickNs = 1'000'000'000;
  Pipeline& pipeline_;
  uint64_t next_ = 0;
};

}  // namespace

void start_logging(const Config& config) {
  auto logger = spdlog::stderr_color_mt("weft");
  logger->set_pattern("%^%L%$ %H:%M:%S %v");
  logger->set_level(spdlog::level::from_str(config.log_level));
  spdlog::set_default_logger(std::move(logger));
}

Status run(const cli::Invocation& invocation) {
  const Config& config = invocation.config;
  catch_signals();
  if (Status targets = check_targets(config.targets); !targets) return targets;
  Result<kernel::Features> features = kernel::Features::probe();
  if (!features) return std::unexpected(features.error());
  Result<InstanceLock> lock = InstanceLock::acquire();
  if (!lock) return std::unexpected(lock.error());

  CounterSet counters;
  StatusBoard board;
  std::unique_ptr<AdminServer> admin;
  if (config.admin_port != 0) {
    auto server =
        AdminServer::start(config.admin_host, config.admin_port, [&board] { return board.get(); });
    if (!server) return std::unexpected(server.error());
    admin = std::move(*server);
  }
  auto exporters = make_exporters(config, counters);
  if (!exporters) return std::unexpected(exporters.error());
  auto patterns = file_patterns(config);
  if (!patterns) return std::unexpected(patterns.error());
  auto kernel = kernel::Object::start(config.kernel, std::move(*features), observed(config),
                                      watched_files(config, *patterns));
  if (!kernel) return std::unexpected(kernel.error());
  Agent agent(invocation, std::move(*kernel), *patterns, std::move(*exporters), counters, board);
  return agent.run();
}

Status replay(const cli::Invocation& invocation) {
  Result<kernel::Replay> recording = kernel::Replay::open(invocation.file);
  if (!recording) return std::unexpected(recording.error());
  CounterSet counters;
  auto exporters = make_exporters(invocation.config, counters);
  if (!exporters) return std::unexpected(exporters.error());
  const Config& config = invocation.config;
  auto patterns = file_patterns(config);
  if (!patterns) return std::unexpected(patterns.error());
  Pipeline pipeline(config, ProcSource::none(), {}, std::move(*patterns), std::move(*exporters),
                    counters);
  pipeline.set_clock(recording->clock());
  Ticking ticking(pipeline);
  const Result<uint64_t> events = recording->run(ticking);
  pipeline.stop(SteadyClock::now() + kFlush);
  if (!events) return std::unexpected(events.error());
  spdlog::info("replayed {} events", *events);
  return {};
}

}  // namespace weft::app

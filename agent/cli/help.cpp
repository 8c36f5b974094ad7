// SPDX-License-Identifier: Apache-2.0
#include "agent/cli/help.h"

#include <algorithm>

namespace weft::cli {
namespace {

using enum ExitCode;
constexpr ExitCode kLive[] = {
    kOk,          kFailure,       kUsage,         kConfig,         kPermission,
    kNoBtf,       kKernelRefused, kNoSuchProcess, kAlreadyRunning, kWriteFailed,
    kAddressInUse};
constexpr ExitCode kReplay[] = {kOk, kFailure, kUsage, kConfig, kBadRecording, kWriteFailed};
constexpr ExitCode kStatus[] = {kOk, kUsage, kConfig, kUnreachable};
constexpr ExitCode kDoctor[] = {kOk, kUsage, kConfig, kPermission, kNoBtf, kKernelRefused};
constexpr ExitCode kTest[] = {kOk, kUsage, kConfig, kUnreachable};
constexpr ExitCode kReading[] = {kOk, kUsage, kConfig};

constexpr Help kHelp[] = {
    {"",
     "Traces unmodified processes from the kernel: every request, as an OpenTelemetry trace.",
     R"(  weft run                        trace every service of this host, print spans
  weft attach 4242                trace one process
  weft run --exporter otlp_http   send spans to a local OpenTelemetry Collector
  weft doctor                     what this kernel allows, which engines can be told by calls
  weft status                     counters of the agent that runs
)",
     {}},
    {"run",
     "Trace every process that speaks a known protocol, or those that the flags or the file name, "
     "until SIGINT or SIGTERM.",
     R"(  weft run
  weft run --port 8080 --port 5432
  weft run --exe '*/nginx' --exclude curl
  weft run --exporter console --exporter otlp_file:path=/var/log/spans.jsonl
  weft run --exporter otlp_http:endpoint=http://127.0.0.1:4318/v1/traces,compression=gzip
  weft run --exporter otlp_grpc:endpoint=https://collector:4317,headers.api-key=SECRET
  weft run --config /etc/weft/weft.yaml --admin off
  weft run --hooks kprobe --duration 30
)",
     kLive},
    {"attach", "Trace one running process and what it forks, until SIGINT or SIGTERM.",
     R"(  weft attach 4242
  weft attach $(pgrep -o gunicorn) --exporter otlp_http
)",
     kLive},
    {"record",
     "Trace, and write every kernel event to FILE for a later replay. Payloads are redacted, and "
     "of "
     "arguments and environments only what names a process is kept, unless --unredacted is given.",
     R"(  weft record bug.weft --duration 10
  weft record bug.weft --pid 4242 --unredacted
)",
     kLive},
    {"replay", "Make the spans of a recording again. Needs no root and no kernel support.",
     R"(  weft replay bug.weft
  weft replay bug.weft --exporter otlp_file:path=spans.jsonl
)",
     kReplay},
    {"status",
     "Ask the running agent: exchanges seen, spans emitted, what was lost where; by process and "
     "by protocol; which functions of storage engines are probed, and how often they were called.",
     R"(  weft status
  weft status --admin 127.0.0.1:4390
  weft status --json
)",
     kStatus},
    {"exporters",
     "List the kinds of exporters and their options; then, if an agent runs, what its exporters "
     "do: "
     "what they sent, what waits, and the last error.",
     R"(  weft exporters
  weft exporters --admin 127.0.0.1:4390
)",
     kReading},
    {"export-test",
     "Send one made-up trace through each configured exporter, and say where to look at it. Ends "
     "with 12 when a backend did not take it. Needs no root.",
     R"(  weft export-test --exporter otlp_grpc:endpoint=http://collector:4317
  weft export-test --config /etc/weft/weft.yaml
)",
     kTest},
    {"doctor",
     "Say what this kernel allows: each hook, the hook type that serves it, and the reason for "
     "every "
     "refusal. Then the storage engines that run: where their functions are, and how often the "
     "running agent saw them called. Ends with 0 when weft can trace here.",
     R"(  weft doctor
  weft doctor --hooks kprobe
  weft doctor --admin 127.0.0.1:4390
  weft doctor --json
)",
     kDoctor},
    {"config", "Check or show the configuration.", "", kReading},
    {"config check",
     "Check a configuration file; every mistake is shown with its line. Nothing is started.",
     R"(  weft config check /etc/weft/weft.yaml
)",
     kReading},
    {"config print",
     "Print the configuration in force, from flags, file or variables, and defaults: a complete "
     "file that can be edited and used. Credentials are masked.",
     R"(  weft config print > weft.yaml
  OTEL_EXPORTER_OTLP_ENDPOINT=http://collector:4318 weft config print
  weft config print --config weft.yaml --show-secrets
)",
     kReading},
    {"version", "Print the version.", "", kReading},
};

constexpr ExitMeaning kExitMeanings[] = {
    {kOk, "done"},
    {kFailure, "something unforeseen"},
    {kUsage, "wrong command line"},
    {kConfig, "wrong configuration file or OTEL_* variable"},
    {kPermission, "not root, or a capability is missing"},
    {kNoBtf, "the kernel has no BTF"},
    {kKernelRefused, "the kernel refuses a required hook"},
    {kNoSuchProcess, "no such process"},
    {kAlreadyRunning, "another weft is tracing this host"},
    {kBadRecording, "the recording is damaged or not one"},
    {kWriteFailed, "output cannot be written (disk full, no permission)"},
    {kUnreachable, "no agent, or no receiver, answers"},
    {kAddressInUse, "the admin port is taken"},
};

std::string wrapped(std::string_view text, size_t indent) {
  constexpr size_t kColumns = 100;
  std::string out;
  size_t column = indent;
  while (!text.empty()) {
    const size_t end = std::min(text.find(' '), text.size());
    const std::string_view word = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (column > indent && column + 1 + word.size() > kColumns) {
      out += "\n" + std::string(indent, ' ');
      column = indent;
    }
    if (column > indent) out += ' ';
    out += word;
    column += word.size() + (column > indent ? 1 : 0);
  }
  return out;
}

void append_group(const HelpPage::Group& group, std::string& out) {
  constexpr size_t kLeft = 24;  // longer ones get a line of their own
  if (group.rows.empty()) return;
  out += "\n" + group.title + ":\n";
  for (const auto& [left, right] : group.rows) {
    out += "  " + left;
    out += left.size() < kLeft ? std::string(kLeft - left.size(), ' ')
                               : "\n" + std::string(kLeft + 2, ' ');
    out += wrapped(right, kLeft + 2) + "\n";
  }
}

void append_exits(const Help& help, std::string& out) {
  out += "\nExit codes:\n";
  for (const ExitMeaning& m : kExitMeanings) {
    const bool possible = help.outcomes.empty() || std::ranges::count(help.outcomes, m.code) > 0;
    if (!possible) continue;
    const std::string number = std::to_string(static_cast<int>(m.code));
    out += std::string(4 - number.size(), ' ') + number + "  " + std::string(m.meaning) + "\n";
  }
}

}  // namespace

const Help& help_of(std::string_view command) {
  for (const Help& help : kHelp) {
    if (help.command == command) return help;
  }
  return kHelp[0];
}

std::span<const ExitMeaning> exit_meanings() {
  return kExitMeanings;
}

HelpPage::Group exporter_group(std::span<const ExporterKind> kinds) {
  HelpPage::Group group{"Exporters and their options", {}};
  for (const ExporterKind& kind : kinds) {
    std::string options;
    for (const ExporterOption& option : kind.options) {
      options += options.empty() ? "" : ", ";
      options += option.key == "headers" ? "headers.NAME" : option.key;
      if (!option.fallback.empty()) options += "=" + std::string(option.fallback);
    }
    group.rows.emplace_back(kind.name, options.empty() ? "no options" : options);
  }
  group.rows.emplace_back(
      "all of them",
      "schedule_delay=5000, export_timeout=30000 (milliseconds), max_queue_size=2048, "
      "max_export_batch_size=512 (spans)");
  return group;
}

std::string exporters_text(std::span<const ExporterKind> kinds) {
  std::string out;
  for (const ExporterKind& kind : kinds) {
    HelpPage::Group group{std::string(kind.name), {}};
    for (const ExporterOption& option : kind.options) {
      std::string left(option.key == "headers" ? "headers.NAME" : option.key);
      if (!option.fallback.empty()) left += "=" + std::string(option.fallback);
      std::string right(option.help);
      if (!option.choices.empty()) right += " (" + std::string(option.choices) + ")";
      if (!option.variable.empty()) right += "; $" + std::string(option.variable);
      group.rows.emplace_back(std::move(left), std::move(right));
    }
    if (group.rows.empty()) group.rows.emplace_back("no options", "");
    append_group(group, out);
  }
  return out.substr(1) +
         "\nAll of them: schedule_delay, export_timeout (ms), max_queue_size, "
         "max_export_batch_size (spans)\n";
}

std::string render(const HelpPage& page) {
  const Help& help = help_of(page.command);
  std::string out = wrapped(help.summary, 0) + "\n\nUsage: " + page.usage + "\n";
  for (const HelpPage::Group& group : page.groups) append_group(group, out);
  if (!help.examples.empty()) out += "\nExamples:\n" + std::string(help.examples);
  append_exits(help, out);
  return out + "\nEvery key, flag and variable: docs/configuration.md\n";
}

}  // namespace weft::cli

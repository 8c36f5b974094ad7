// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include "agent/base/version.h"
#include "agent/cli/cli.h"
#include "agent/cli/flags.h"
#include "agent/cli/help.h"
#include "agent/config/load/print.h"
#include "agent/config/text.h"
#include "bpf/abi/weft_event.h"

namespace weft::cli {
namespace {

std::unexpected<Error> usage(const std::string& message) {
  return fail(ExitCode::kUsage, message);
}

template <class T>
Status read_numbers(const std::vector<std::string>& texts, const char* flag, T max,
                    const char* expected, std::vector<T>& out) {
  for (const std::string& text : texts) {
    const auto number = parse_integer<T>(text);
    if (!number || *number == 0 || *number > max) {
      return usage(std::string(flag) + ": found " + shown(text) + ", expected " + expected);
    }
    out.push_back(*number);
  }
  return {};
}

Status read_targets(Flags& flags) {
  constexpr uint32_t kMaxPid = 1u << 22;  // the kernel's PID_MAX_LIMIT
  constexpr const char* kPid = "a process id";
  TargetRules& targets = flags.overrides.targets;
  if (flags.command == "attach") {
    const auto pid = read_numbers({flags.attach_pid}, "attach PID", kMaxPid, kPid, targets.pids);
    if (!pid) return pid;
  }
  if (auto s = read_numbers(flags.pids, "--pid", kMaxPid, kPid, targets.pids); !s) return s;
  return read_numbers<uint16_t>(flags.ports, "--port", UINT16_MAX, "a port from 1 to 65535",
                                targets.ports);
}

Status read_duration(const Flags& flags, Invocation& out) {
  if (!flags.duration) return {};
  constexpr double kYear = 366 * 86400.0;
  const auto seconds = parse_number(*flags.duration);
  if (!seconds || *seconds <= 0 || *seconds > kYear) {
    return usage("--duration: found " + shown(*flags.duration) +
                 ", expected a number of seconds, more than 0");
  }
  out.duration = std::chrono::milliseconds(std::llround(*seconds * 1000));
  return {};
}

Command command_of(std::string_view name) {
  constexpr std::pair<std::string_view, Command> kCommands[] = {
      {"run", Command::kRun},
      {"attach", Command::kAttach},
      {"doctor", Command::kDoctor},
      {"status", Command::kStatus},
      {"record", Command::kRecord},
      {"replay", Command::kReplay},
      {"exporters", Command::kExporters},
      {"export-test", Command::kExportTest},
  };
  for (const auto& [known, command] : kCommands) {
    if (known == name) return command;
  }
  return Command::kPrint;
}

std::string version_text() {
  return std::string("weft ") + kVersion + " (event format " + std::to_string(WEFT_ABI_VERSION) +
         ", semantic conventions 1.44.0)\n";
}

Result<Invocation> check_file(const Flags& flags, const Environment& environment,
                              std::span<const ExporterKind> kinds) {
  const auto text = read_file(flags.file);
  if (!text) return std::unexpected(text.error());
  Checked checked = check(*text, flags.file, environment, kinds);
  if (!checked.errors.empty()) {
    std::string all;
    for (const std::string& error : checked.errors) all += (all.empty() ? "" : "\nweft: ") + error;
    return fail(ExitCode::kConfig, std::move(all));
  }
  Invocation out;
  out.text = flags.file + ": no mistakes\n";
  out.warnings = std::move(checked.warnings);
  return out;
}

Result<Invocation> resolve(Flags& flags, const Environment& environment,
                           std::span<const ExporterKind> kinds) {
  Invocation out;
  out.command = command_of(flags.command);
  out.json = flags.json;
  if (out.command == Command::kReplay) out.file = flags.file;
  if (auto status = read_targets(flags); !status) return std::unexpected(status.error());
  if (auto status = read_duration(flags, out); !status) return std::unexpected(status.error());
  auto loaded = load({environment, kinds, flags.overrides});
  if (!loaded) return std::unexpected(loaded.error());
  out.config = std::move(loaded->config);
  out.warnings = std::move(loaded->warnings);
  if (out.command == Command::kRecord) {
    out.config.record_path = flags.file;
    out.config.record_unredacted = flags.unredacted;
    if (!flags.overrides.budget) out.config.budget.enabled = false;  // a recording holds all
  }
  if (out.command == Command::kExporters) out.text = exporters_text(kinds);
  if (out.command == Command::kPrint) out.text = to_yaml(out.config, kinds, flags.show_secrets);
  return out;
}

Invocation print(std::string text) {
  Invocation out;
  out.text = std::move(text);
  return out;
}

}  // namespace

Result<Invocation> parse(int argc, const char* const* argv, const Environment& environment,
                         std::span<const ExporterKind> kinds) {
  auto flags = read_flags(argc, argv, kinds);
  if (!flags) return std::unexpected(flags.error());
  if (!flags->help.empty()) return print(std::move(flags->help));
  if (flags->command == "version") return print(version_text());
  if (flags->command == "config check") return check_file(*flags, environment, kinds);
  return resolve(*flags, environment, kinds);
}

}  // namespace weft::cli

// SPDX-License-Identifier: Apache-2.0
#include "agent/config/load/load.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <iterator>
#include <tuple>
#include <unistd.h>

#include "agent/base/fd.h"
#include "agent/base/loopback.h"
#include "agent/config/exporter_options.h"
#include "agent/config/load/file.h"
#include "agent/config/text.h"

namespace weft {
namespace {

// Values of these query parameters are credentials (semantic conventions, url.query).
constexpr const char* kSensitiveKeys[] = {"X-Amz-Signature", "X-Amz-Credential",
                                          "X-Amz-Security-Token", "sig", "X-Goog-Signature"};

// Ids shared by all requests that serve one user request: harmless, and used to search logs.
constexpr const char* kCapturedHeaders[] = {"x-request-id", "x-correlation-id", "correlation-id"};

// The host's own services, seldom of interest. docs/configuration.md gives the reasons.
constexpr const char* kDefaultExclude[] = {"systemd",    "systemd-*",        "sshd",    "dockerd",
                                           "containerd", "containerd-shim*", "kubelet", "weft"};

std::vector<std::string> default_exclude() {
  return {std::begin(kDefaultExclude), std::end(kDefaultExclude)};
}

std::string file_name(const Sources& sources, Warnings& warnings) {
  if (sources.overrides.config_file) return *sources.overrides.config_file;
  if (const auto name = lookup(sources.environment, "OTEL_CONFIG_FILE"); !name.empty()) {
    return std::string(name);
  }
  const auto old_name = lookup(sources.environment, "OTEL_EXPERIMENTAL_CONFIG_FILE");
  if (!old_name.empty()) {
    warnings.emplace_back("OTEL_EXPERIMENTAL_CONFIG_FILE: deprecated, use OTEL_CONFIG_FILE");
  }
  return std::string(old_name);
}

Status load_file(const std::string& file, const Sources& sources, Loaded& out) {
  const auto text = read_file(file);
  if (!text) return std::unexpected(text.error());
  Checked checked = check(*text, file, sources.environment, sources.kinds);
  if (!checked.errors.empty()) {
    const size_t others = checked.errors.size() - 1;
    std::string message = checked.errors.front();
    if (others > 0) {
      message += " (and " + std::to_string(others) + " more: weft config check " + file + ")";
    }
    return fail(ExitCode::kConfig, std::move(message));
  }
  out.config = std::move(checked.config);
  std::ranges::move(checked.warnings, std::back_inserter(out.warnings));
  return {};
}

Status load_environment(const Sources& sources, Loaded& out) {
  apply_environment(sources.environment, out.config, out.warnings);
  if (!sources.overrides.exporters.empty()) return {};  // the flags replace them
  auto exporters = exporters_from_environment(sources.kinds, sources.environment, out.warnings);
  if (!exporters) return std::unexpected(exporters.error());
  out.config.exporters = std::move(*exporters);
  return {};
}

Status add_exporter(const std::string& flag, bool has_file, const Sources& sources, Loaded& out) {
  const size_t colon = std::min(flag.find(':'), flag.size());
  const std::string name = flag.substr(0, colon);
  const std::string_view options = std::string_view(flag).substr(std::min(colon + 1, flag.size()));
  // "otlp" with the gRPC port can only mean OTLP/gRPC.
  const bool grpc = name == "otlp" && options.find(":4317") != std::string_view::npos;
  const ExporterKind* kind = find_kind(
      sources.kinds, grpc ? "otlp_grpc" : exporter_kind(name, sources.environment, out.warnings));
  if (!kind) {
    return fail(ExitCode::kUsage, "--exporter: unknown exporter " + shown(name) +
                                      suggestion(name, kind_names(sources.kinds)));
  }
  ExporterConfig exporter{std::string(kind->name), {}, default_batch(*kind)};
  if (!has_file) {
    auto start = exporter_from_environment(*kind, sources.environment, out.warnings);
    if (!start) return std::unexpected(start.error());
    exporter = std::move(*start);
  }
  if (auto status = apply_exporter_flag(*kind, options, exporter); !status) return status;
  out.config.exporters.push_back(std::move(exporter));
  return {};
}

void override_targets(const TargetRules& flags, TargetRules& targets) {
  if (!flags.everything()) {
    // If targets are named, the default exclusions do not apply: they only guard "trace
    // everything".
    std::vector<std::string> exclude = std::move(targets.exclude);
    if (exclude == default_exclude()) exclude.clear();
    targets = flags;
    targets.exclude = std::move(exclude);
  }
  std::ranges::copy(flags.exclude, std::back_inserter(targets.exclude));
}

Status override_admin(const std::string& flag, Config& config) {
  if (flag == "off") {
    config.admin_port = 0;
    return {};
  }
  const auto address = parse_host_port(flag);
  if (!address) {
    return fail(ExitCode::kUsage,
                "--admin: found " + shown(flag) + ", expected HOST:PORT (127.0.0.1:4380) or off");
  }
  std::tie(config.admin_host, config.admin_port) = *address;
  return {};
}

// names: indexed by the enum's values.
template <class Enum>
Status override_choice(const std::string& flag, const std::optional<std::string>& given,
                       std::span<const std::string_view> names, Enum& out) {
  if (!given) return {};
  const auto name = std::ranges::find(names, *given);
  if (name == names.end()) {
    return fail(ExitCode::kUsage, flag + ": found " + shown(*given) + suggestion(*given, names));
  }
  out = static_cast<Enum>(name - names.begin());
  return {};
}

Status override_budget(const std::string& given, BudgetConfig& budget) {
  if (given == "off") {
    budget.enabled = false;
    return {};
  }
  const auto share = parse_share(given);
  if (!share) {
    return fail(ExitCode::kUsage, "--budget: found " + shown(given) +
                                      ", expected a share of the host's CPU time, such as 5%, or "
                                      "off");
  }
  budget = {.enabled = true, .cpu = *share, .spans_per_second = budget.spans_per_second};
  return {};
}

Status apply_overrides(const Overrides& flags, Config& config) {
  override_targets(flags.targets, config.targets);
  if (auto s = override_choice("--hooks", flags.hooks, kHookTypeNames, config.kernel.hooks); !s)
    return s;
  if (auto s = override_choice("--existing-instrumentation", flags.existing_instrumentation,
                               kInstrumentationNames, config.existing_instrumentation);
      !s) {
    return s;
  }
  if (flags.service_name) {
    if (!valid_utf8(*flags.service_name))
      return fail(ExitCode::kUsage, "--service-name: not UTF-8");
    config.service_name = *flags.service_name;
  }
  if (flags.log_level) {
    config.log_level = normalised_log_level(*flags.log_level);
    if (config.log_level.empty()) {
      return fail(ExitCode::kUsage, "--log-level: found " + shown(*flags.log_level) +
                                        ", expected trace, debug, info, warn, error, fatal or off");
    }
  }
  if (flags.budget) {
    if (Status s = override_budget(*flags.budget, config.budget); !s) return s;
  }
  if (flags.disk_queue) config.disk_queue.directory = *flags.disk_queue;
  return flags.admin ? override_admin(*flags.admin, config) : Status{};
}

void note_exposure(Loaded& out) {
  const std::string& host = out.config.admin_host;
  if (out.config.admin_port != 0 && !is_loopback(host)) {
    out.warnings.push_back("admin endpoint on " + host +
                           ": whoever can reach it can read process names and counters");
  }
}

void drop_repeats(Warnings& warnings) {
  Warnings once;
  for (std::string& warning : warnings) {
    if (std::ranges::find(once, warning) == once.end()) once.push_back(std::move(warning));
  }
  warnings = std::move(once);
}

}  // namespace

Result<std::string> read_file(const std::string& file) {
  const auto error = [&] {
    return fail(ExitCode::kConfig,
                "cannot read the configuration file " + file + ": " + std::strerror(errno));
  };
  const Fd fd(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd.valid()) return error();
  std::string text;
  char buffer[16384];
  while (text.size() <= kMaxFileSize) {
    const ssize_t n = ::read(fd.get(), buffer, sizeof buffer);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return error();
    if (n == 0) break;
    text.append(buffer, static_cast<size_t>(n));
  }
  return text;
}

Config default_config(std::span<const ExporterKind> kinds) {
  Config config;
  config.targets.exclude = default_exclude();
  CaptureOptions capture;
  capture.sensitive_query_keys.assign(std::begin(kSensitiveKeys), std::end(kSensitiveKeys));
  capture.request_headers.assign(std::begin(kCapturedHeaders), std::end(kCapturedHeaders));
  config.server_capture = std::make_shared<CaptureOptions>(capture);
  config.client_capture = std::make_shared<CaptureOptions>(std::move(capture));
  if (const ExporterKind* console = find_kind(kinds, "console")) {
    config.exporters.push_back({std::string(console->name), {}, default_batch(*console)});
  }
  config.source = "defaults";
  return config;
}

Checked check(const std::string& text, const std::string& file, const Environment& environment,
              std::span<const ExporterKind> kinds) {
  Checked out{default_config(kinds), {}, {}};
  out.config.source = file;
  Findings findings;
  findings.file = file;
  if (const auto tree = parse_yaml(text, file, environment)) {
    read_document(*tree, kinds, out.config, findings);
  } else {
    findings.errors.push_back(tree.error().message);
  }
  // Messages repeat keys and references, which may contain anything.
  for (std::string& warning : findings.warnings) out.warnings.push_back(one_line(warning));
  for (std::string& error : findings.errors) out.errors.push_back(one_line(error));
  return out;
}

Result<Loaded> load(const Sources& sources) {
  Loaded out{default_config(sources.kinds), {}};
  const std::string file = file_name(sources, out.warnings);
  const auto base = file.empty() ? load_environment(sources, out) : load_file(file, sources, out);
  if (!base) return std::unexpected(base.error());
  if (!sources.overrides.exporters.empty()) out.config.exporters.clear();
  for (const std::string& flag : sources.overrides.exporters) {
    const auto added = add_exporter(flag, !file.empty(), sources, out);
    if (!added) return std::unexpected(added.error());
  }
  const auto overridden = apply_overrides(sources.overrides, out.config);
  if (!overridden) return std::unexpected(overridden.error());
  note_exposure(out);
  drop_repeats(out.warnings);
  return out;
}

}  // namespace weft

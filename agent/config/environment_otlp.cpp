// SPDX-License-Identifier: Apache-2.0
// Reads OTEL_TRACES_EXPORTER, OTEL_EXPORTER_OTLP_*, OTEL_BSP_* and the variables named in
// exporters' option tables.
#include "agent/config/environment.h"
#include "agent/config/exporter_options.h"
#include "agent/config/text.h"

namespace weft {
namespace {

constexpr std::string_view kGeneral = "OTEL_EXPORTER_OTLP_";
constexpr std::string_view kTraces = "OTEL_EXPORTER_OTLP_TRACES_";

// A variable that was found: its own name, for messages, and its value.
struct Found {
  std::string name;
  std::string_view value;
  bool specific = false;  // the _TRACES_ form
};

Found find_otlp(const Environment& environment, std::string_view suffix) {
  std::string specific = std::string(kTraces) + std::string(suffix);
  if (const auto value = lookup(environment, specific); !value.empty()) {
    return {std::move(specific), value, true};
  }
  std::string general = std::string(kGeneral) + std::string(suffix);
  const auto value = lookup(environment, general);
  return {std::move(general), value, false};
}

std::string wrong(const Found& found, std::string_view expected) {
  return found.name + ": found " + shown(found.value) + ", expected " + std::string(expected);
}

// The specification's rules for OTLP/HTTP: a base gets the signal's path, a signal's own
// endpoint is used as it is, with "/" for no path.
std::string http_endpoint(const Found& found) {
  std::string url(found.value);
  if (!found.specific) return url + (url.ends_with('/') ? "" : "/") + "v1/traces";
  const size_t host = url.find("://");
  const size_t path = host == std::string::npos ? host : url.find('/', host + 3);
  return path == std::string::npos ? url + "/" : url;
}

Status set_endpoint(const ExporterKind& kind, const Environment& environment,
                    ExporterConfig& exporter) {
  const Found found = find_otlp(environment, "ENDPOINT");
  const ExporterOption* option = find_option(kind, "endpoint");
  if (found.value.empty() || !option) return {};
  std::string url;
  if (kind.name == "otlp_grpc") {
    const bool insecure = lower(find_otlp(environment, "INSECURE").value) == "true";
    url = with_scheme(found.value, insecure);
  } else if (expected_instead(*option, found.value).empty()) {
    url = http_endpoint(found);
  }
  if (const std::string expected = expected_instead(*option, url); !expected.empty()) {
    return fail(ExitCode::kConfig, wrong(found, expected));
  }
  exporter.settings.values.insert_or_assign("endpoint", std::move(url));
  return {};
}

void set_headers(const Environment& environment, ExporterConfig& exporter, Warnings& warnings) {
  const Found found = find_otlp(environment, "HEADERS");
  auto headers = parse_headers(found.value);
  if (headers) {
    exporter.settings.headers = std::move(*headers);
  } else {
    warnings.push_back(found.name + ": " + headers.error().message +
                       "; the whole variable is ignored");
  }
}

// Variables whose value is the option's, after its type is checked.
void set_plain(const ExporterKind& kind, const Environment& environment, ExporterConfig& exporter,
               Warnings& warnings) {
  constexpr std::pair<std::string_view, std::string_view> kPlain[] = {
      {"TIMEOUT", "timeout"},
      {"COMPRESSION", "compression"},
      {"CERTIFICATE", "tls.ca_file"},
      {"CLIENT_KEY", "tls.key_file"},
      {"CLIENT_CERTIFICATE", "tls.cert_file"},
  };
  for (const auto& [suffix, key] : kPlain) {
    const Found found = find_otlp(environment, suffix);
    const ExporterOption* option = find_option(kind, key);
    if (found.value.empty() || !option) continue;
    const bool choice = option->type == OptionType::kChoice;
    const std::string value = choice ? lower(found.value) : std::string(found.value);
    const std::string expected = expected_instead(*option, value);
    if (expected.empty()) {
      exporter.settings.values.insert_or_assign(std::string(key), value);
    } else {
      warnings.push_back(wrong(found, expected) + "; ignored");
    }
  }
}

// The kind's own variables.
Status set_own(const ExporterKind& kind, const Environment& environment, ExporterConfig& exporter,
               Warnings& warnings) {
  for (const ExporterOption& option : kind.options) {
    const std::string_view value = lookup(environment, option.variable);
    if (option.variable.empty() || value.empty()) continue;
    const Found found{std::string(option.variable), value};
    const std::string expected = expected_instead(option, value);
    if (expected.empty()) {
      exporter.settings.values.insert_or_assign(std::string(option.key), value);
    } else if (option.type == OptionType::kUrl) {
      return fail(ExitCode::kConfig, wrong(found, expected));
    } else {
      warnings.push_back(wrong(found, expected) + "; ignored");
    }
  }
  return {};
}

void set_batch(const Environment& environment, ExporterConfig& exporter, Warnings& warnings) {
  constexpr std::pair<std::string_view, std::string_view> kBatch[] = {
      {"OTEL_BSP_SCHEDULE_DELAY", "schedule_delay"},
      {"OTEL_BSP_EXPORT_TIMEOUT", "export_timeout"},
      {"OTEL_BSP_MAX_QUEUE_SIZE", "max_queue_size"},
      {"OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "max_export_batch_size"},
  };
  bool size_given = false;
  for (const auto& [name, key] : kBatch) {
    const std::string_view value = lookup(environment, name);
    if (value.empty()) continue;
    const std::string expected = set_batch_option(exporter.batch, key, value);
    if (!expected.empty()) {
      warnings.push_back(wrong({std::string(name), value}, expected) + "; ignored");
    } else {
      size_given |= key == "max_export_batch_size";
    }
  }
  if (const auto fault = settle_batch(exporter.batch, size_given); !fault.empty()) {
    warnings.push_back("OTEL_BSP_MAX_EXPORT_BATCH_SIZE: " + fault.substr(fault.find("found")) +
                       "; lowered");
    settle_batch(exporter.batch, false);
  }
}

enum class Transport { kGrpc, kHttpProtobuf, kHttpJson };

Transport otlp_protocol(const Environment& environment, Warnings& warnings) {
  const Found found = find_otlp(environment, "PROTOCOL");
  const std::string name = lower(found.value);
  if (name == "grpc") return Transport::kGrpc;
  if (name == "http/json") return Transport::kHttpJson;
  if (!name.empty() && name != "http/protobuf") {
    warnings.push_back(wrong(found, "grpc, http/protobuf or http/json") + "; ignored");
  }
  return Transport::kHttpProtobuf;
}

bool any_otlp_variable(const Environment& environment) {
  for (auto it = environment.lower_bound(kGeneral);
       it != environment.end() && it->first.starts_with(kGeneral); ++it) {
    const std::string_view suffix = std::string_view(it->first).substr(kGeneral.size());
    const bool other_signal = suffix.starts_with("METRICS_") || suffix.starts_with("LOGS_") ||
                              suffix.starts_with("PROFILES_");
    if (!it->second.empty() && !other_signal) return true;
  }
  return false;
}

}  // namespace

std::string_view exporter_kind(std::string_view name, const Environment& environment,
                               Warnings& warnings) {
  if (name == "otlp") {
    return otlp_protocol(environment, warnings) == Transport::kGrpc ? "otlp_grpc" : "otlp_http";
  }
  if (name == "console" || name == "logging") return "console";
  if (name == "otlp/stdout") return "otlp_file/development";
  return name;
}

Result<ExporterConfig> exporter_from_environment(const ExporterKind& kind,
                                                 const Environment& environment,
                                                 Warnings& warnings) {
  ExporterConfig exporter{std::string(kind.name), {}, default_batch(kind)};
  set_batch(environment, exporter, warnings);
  if (auto status = set_own(kind, environment, exporter, warnings); !status) {
    return std::unexpected(status.error());
  }
  if (!kind.name.starts_with("otlp_") || !find_option(kind, "endpoint")) return exporter;
  if (auto status = set_endpoint(kind, environment, exporter); !status) {
    return std::unexpected(status.error());
  }
  set_headers(environment, exporter, warnings);
  set_plain(kind, environment, exporter, warnings);
  if (find_option(kind, "encoding") &&
      otlp_protocol(environment, warnings) == Transport::kHttpJson) {
    exporter.settings.values.insert_or_assign("encoding", "json");
  }
  return exporter;
}

Result<std::vector<ExporterConfig>> exporters_from_environment(std::span<const ExporterKind> kinds,
                                                               const Environment& environment,
                                                               Warnings& warnings) {
  constexpr std::string_view kName = "OTEL_TRACES_EXPORTER";
  std::vector<const ExporterKind*> chosen;
  bool none = false;
  for (const std::string& name : split_list(lower(lookup(environment, kName)))) {
    if (name == "none") {
      none = true;
    } else if (const auto* kind = find_kind(kinds, exporter_kind(name, environment, warnings))) {
      chosen.push_back(kind);
    } else {
      warnings.push_back(std::string(kName) + ": found " + shown(name) +
                         ", expected otlp, otlp/stdout, none or one of `weft exporters`; ignored");
    }
  }
  if (chosen.empty() && !none) {
    const std::string_view name = any_otlp_variable(environment) ? "otlp" : "console";
    if (const auto* kind = find_kind(kinds, exporter_kind(name, environment, warnings))) {
      chosen.push_back(kind);
    }
  }
  std::vector<ExporterConfig> out;
  for (const ExporterKind* kind : chosen) {
    auto exporter = exporter_from_environment(*kind, environment, warnings);
    if (!exporter) return std::unexpected(exporter.error());
    out.push_back(std::move(*exporter));
  }
  return out;
}

}  // namespace weft

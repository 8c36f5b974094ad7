// SPDX-License-Identifier: Apache-2.0
// The OTEL_* variables of the OpenTelemetry specification, by its rules for values: an empty one is
// unset; an invalid number or choice causes a warning and counts as unset.
#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "agent/base/result.h"
#include "agent/config/config.h"

namespace weft {

using Environment = std::map<std::string, std::string, std::less<>>;
using Warnings = std::vector<std::string>;

// The process's own environment, read once.
Environment process_environment();

// The value; empty if unset.
std::string_view lookup(const Environment& environment, std::string_view name);

// Applies everything except exporters and their batches. Never fails: errors become warnings.
void apply_environment(const Environment& environment, Config& config, Warnings& warnings);

// The exporter kind for a name in OTEL_TRACES_EXPORTER: for the standard "otlp" according to
// OTEL_EXPORTER_OTLP_PROTOCOL, else the name itself.
std::string_view exporter_kind(std::string_view name, const Environment& environment,
                               Warnings& warnings);

// One exporter's starting values: OTEL_EXPORTER_OTLP_* (the _TRACES_ form wins) and
// OTEL_BSP_*. Error kConfig for an endpoint that is not a URL: sending elsewhere than the
// user meant is worse than not starting.
Result<ExporterConfig> exporter_from_environment(const ExporterKind& kind,
                                                 const Environment& environment,
                                                 Warnings& warnings);
// The exporters that OTEL_TRACES_EXPORTER names; else OTLP if an OTEL_EXPORTER_OTLP_* variable is
// set; else console.
Result<std::vector<ExporterConfig>> exporters_from_environment(std::span<const ExporterKind> kinds,
                                                               const Environment& environment,
                                                               Warnings& warnings);

// "info", "WARNING", "fatal", "debug2" … → Config::log_level's words; empty: unknown.
std::string normalised_log_level(std::string_view text);
// Attributes for every resource; service.name goes to Config::service_name, unless it is
// the specification's placeholder "unknown_service…".
void set_resource_attribute(Config& config, std::string_view name, Value value);

}  // namespace weft

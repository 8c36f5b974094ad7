// SPDX-License-Identifier: Apache-2.0
// Checks exporters' settings against their kinds' option tables, and handles the batch options that
// every exporter has. The tables are parameters: the configuration knows no registry.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "agent/base/result.h"
#include "agent/config/config.h"

namespace weft {

// Finds a kind by name; the suffix "/development" may be left out. Null: unknown.
const ExporterKind* find_kind(std::span<const ExporterKind> kinds, std::string_view name);
std::vector<std::string_view> kind_names(std::span<const ExporterKind> kinds);
const ExporterOption* find_option(const ExporterKind& kind, std::string_view key);
// Kinds that send headers list the option "headers".
bool takes_headers(const ExporterKind& kind);

// What was expected instead of `value` ("an integer of milliseconds, 0 or more"); empty: `value` is
// valid.
std::string expected_instead(const ExporterOption& option, std::string_view value);

inline constexpr std::string_view kBatchKeys[] = {"schedule_delay", "export_timeout",
                                                  "max_queue_size", "max_export_batch_size"};
// Sets one of kBatchKeys. Returns what was expected if the value is invalid, else empty.
std::string set_batch_option(BatchOptions& batch, std::string_view key, std::string_view value);
// A batch cannot be larger than its queue: a default batch size is lowered; for one that the user
// set, returns the error ("max_export_batch_size: found …").
std::string settle_batch(BatchOptions& batch, bool batch_size_given);
// Exporters whose output a person reads get no batching delay.
BatchOptions default_batch(const ExporterKind& kind);

// gRPC endpoints may come as "host:port": the scheme then follows `insecure`.
std::string with_scheme(std::string_view endpoint, bool insecure);

// "key=value[,key=value…]" over `exporter`, which holds the kind's starting values.
// A part without '=' continues the value before it, so that values may hold commas.
// Keys: the kind's options, kBatchKeys, headers.NAME, and exporter_endpoint: the endpoint, to
// which a URL without a path gets the kind's own. Error kUsage.
Status apply_exporter_flag(const ExporterKind& kind, std::string_view options,
                           ExporterConfig& exporter);

}  // namespace weft

// SPDX-License-Identifier: Apache-2.0
#include "agent/config/exporter_options.h"

#include <algorithm>

#include "agent/config/text.h"

namespace weft {
namespace {

constexpr std::string_view kDevelopment = "/development";
constexpr std::string_view kHeaderPrefix = "headers.";
constexpr std::string_view kEndpoint = "endpoint";
constexpr std::string_view kBaseEndpoint = "exporter_endpoint";  // the name in older tracers

bool is_url(std::string_view value) {
  constexpr std::string_view kUnix = "unix:///";  // a socket's path
  if (value.starts_with(kUnix)) return value.size() > kUnix.size();
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (value.starts_with(scheme)) {
      const std::string_view rest = value.substr(scheme.size());
      return !rest.empty() && rest.front() != '/' && rest.front() != ':' &&
             rest.find_first_of(" \t\r\n") == std::string_view::npos;
    }
  }
  return false;
}

std::string quoted_choices(std::string_view choices) {
  std::string out;
  for (const std::string& choice : split_list(choices, '|')) {
    out += (out.empty() ? "" : ", ") + choice;
  }
  return "one of " + out;
}

// A base URL gets the path of the kind's default.
std::string with_default_path(const ExporterKind& kind, std::string_view url) {
  const auto path_of = [](std::string_view of) {
    const size_t host = of.find("://");
    const size_t path = host == of.npos ? host : of.find('/', host + 3);
    return path == of.npos ? std::string_view() : of.substr(path);
  };
  const bool base = is_url(url) && (path_of(url).empty() || path_of(url) == "/");
  const std::string_view bare = url.substr(0, url.size() - (base ? path_of(url).size() : 0));
  const std::string_view own = path_of(find_option(kind, kEndpoint)->fallback);
  return std::string(bare) + std::string(base ? own : std::string_view());
}

Status apply_one(const ExporterKind& kind, std::string_view key, std::string_view value,
                 ExporterConfig& exporter) {
  const auto wrong = [&](std::string_view found, std::string_view expected) {
    return fail(ExitCode::kUsage, "--exporter " + std::string(kind.name) + ": " + std::string(key) +
                                      ": found \"" + std::string(found) + "\", expected " +
                                      std::string(expected));
  };
  if (std::ranges::find(kBatchKeys, key) != std::end(kBatchKeys)) {
    const std::string expected = set_batch_option(exporter.batch, key, value);
    if (!expected.empty()) return wrong(value, expected);
    return {};
  }
  if (key.starts_with(kHeaderPrefix) && takes_headers(kind)) {
    const std::string_view name = key.substr(kHeaderPrefix.size());
    if (!is_header_name(name)) return wrong(name, "an HTTP header name");
    if (!is_header_value(value)) return wrong("…", "no control characters");
    exporter.settings.headers.emplace_back(name, value);
    return {};
  }
  if (key == kBaseEndpoint && find_option(kind, kEndpoint)) {
    return apply_one(kind, kEndpoint, with_default_path(kind, value), exporter);
  }
  const ExporterOption* option = find_option(kind, key);
  if (!option || key == "headers") {
    std::vector<std::string_view> known(std::begin(kBatchKeys), std::end(kBatchKeys));
    for (const ExporterOption& o : kind.options) {
      known.push_back(o.key == "headers" ? std::string_view("headers.NAME") : o.key);
    }
    return fail(ExitCode::kUsage, "--exporter " + std::string(kind.name) + ": unknown option " +
                                      shown(key) + suggestion(key, known));
  }
  const std::string expected = expected_instead(*option, value);
  if (!expected.empty()) return wrong(value, expected);
  exporter.settings.values.insert_or_assign(std::string(key), std::string(value));
  return {};
}

}  // namespace

const ExporterKind* find_kind(std::span<const ExporterKind> kinds, std::string_view name) {
  for (const ExporterKind& kind : kinds) {
    if (kind.name == name) return &kind;
    if (kind.name.ends_with(kDevelopment) &&
        kind.name.substr(0, kind.name.size() - kDevelopment.size()) == name) {
      return &kind;
    }
  }
  return nullptr;
}

std::vector<std::string_view> kind_names(std::span<const ExporterKind> kinds) {
  std::vector<std::string_view> out;
  for (const ExporterKind& kind : kinds) out.push_back(kind.name);
  return out;
}

const ExporterOption* find_option(const ExporterKind& kind, std::string_view key) {
  for (const ExporterOption& option : kind.options) {
    if (option.key == key) return &option;
  }
  return nullptr;
}

bool takes_headers(const ExporterKind& kind) {
  return find_option(kind, "headers") != nullptr;
}

std::string expected_instead(const ExporterOption& option, std::string_view value) {
  switch (option.type) {
    case OptionType::kText:
      return {};
    case OptionType::kInteger:
      return parse_integer<uint64_t>(value) ? "" : "an integer, 0 or more";
    case OptionType::kMilliseconds:
      return parse_integer<uint32_t>(value) ? "" : "an integer of milliseconds, 0 or more";
    case OptionType::kBool:
      return value == "true" || value == "false" ? "" : "true or false";
    case OptionType::kUrl:
      return is_url(value) ? "" : "a URL such as http://127.0.0.1:4318";
    case OptionType::kPath:
      return value.empty() ? "a path" : "";
    case OptionType::kChoice: {
      const auto choices = split_list(option.choices, '|');
      return std::ranges::find(choices, value) != choices.end() ? ""
                                                                : quoted_choices(option.choices);
    }
  }
  return {};
}

std::string set_batch_option(BatchOptions& batch, std::string_view key, std::string_view value) {
  const auto number = parse_integer<uint32_t>(value);
  if (key == "schedule_delay" || key == "export_timeout") {
    if (!number) return "an integer of milliseconds, 0 or more";
    (key == "schedule_delay" ? batch.schedule_delay : batch.export_timeout) =
        std::chrono::milliseconds(*number);
    return {};
  }
  if (!number || *number == 0) return "a positive integer";
  (key == "max_queue_size" ? batch.max_queue_size : batch.max_export_batch_size) = *number;
  return {};
}

std::string settle_batch(BatchOptions& batch, bool batch_size_given) {
  if (batch.max_export_batch_size <= batch.max_queue_size) return {};
  if (!batch_size_given) {
    batch.max_export_batch_size = batch.max_queue_size;
    return {};
  }
  return "max_export_batch_size: found \"" + std::to_string(batch.max_export_batch_size) +
         "\", expected at most max_queue_size, which is " + std::to_string(batch.max_queue_size);
}

std::string with_scheme(std::string_view endpoint, bool insecure) {
  if (endpoint.empty() || endpoint.find("://") != std::string_view::npos) {
    return std::string(endpoint);
  }
  return (insecure ? "http://" : "https://") + std::string(endpoint);
}

BatchOptions default_batch(const ExporterKind& kind) {
  BatchOptions batch;
  if (kind.immediate) batch.schedule_delay = std::chrono::milliseconds(0);
  return batch;
}

Status apply_exporter_flag(const ExporterKind& kind, std::string_view options,
                           ExporterConfig& exporter) {
  Pairs pairs;
  while (!options.empty()) {
    const size_t end = std::min(options.find(','), options.size());
    const std::string_view part = options.substr(0, end);
    options.remove_prefix(std::min(end + 1, options.size()));
    const size_t equals = part.find('=');
    if (equals != std::string_view::npos) {
      pairs.emplace_back(part.substr(0, equals), part.substr(equals + 1));
    } else if (!pairs.empty()) {
      pairs.back().second += "," + std::string(part);
    } else {
      return fail(ExitCode::kUsage, "--exporter " + std::string(kind.name) + ": found " +
                                        shown(part) + ", expected key=value");
    }
  }
  bool batch_size_given = false;
  for (const auto& [key, value] : pairs) {
    batch_size_given |= key == "max_export_batch_size";
    if (auto status = apply_one(kind, key, value, exporter); !status) return status;
  }
  if (const std::string fault = settle_batch(exporter.batch, batch_size_given); !fault.empty()) {
    return fail(ExitCode::kUsage, "--exporter " + std::string(kind.name) + ": " + fault);
  }
  return {};
}

}  // namespace weft

// SPDX-License-Identifier: Apache-2.0
#include "agent/config/environment.h"

#include <algorithm>
#include <unistd.h>

#include "agent/base/semconv.h"
#include "agent/config/opt_in.h"
#include "agent/config/text.h"

namespace weft {
namespace {

// Reads typed values of one environment; warns of invalid ones.
class Reader {
 public:
  Reader(const Environment& environment, Warnings& warnings)
      : environment_(environment), warnings_(warnings) {}

  std::string_view text(std::string_view name) const { return lookup(environment_, name); }

  void warn(std::string_view name, std::string_view expected) {
    warnings_.push_back(std::string(name) + ": found " + shown(text(name)) + ", expected " +
                        std::string(expected) + "; ignored");
  }
  void note(std::string_view name, std::string_view what) {
    warnings_.push_back(std::string(name) + ": " + std::string(what));
  }
  void count(std::string_view name, uint32_t& out) {
    if (text(name).empty()) return;
    if (const auto value = parse_integer<uint32_t>(text(name))) {
      out = *value;
    } else {
      warn(name, "an integer, 0 or more");
    }
  }
  bool flag(std::string_view name) {
    const std::string value = lower(text(name));
    if (!value.empty() && value != "true" && value != "false") warn(name, "true or false");
    return value == "true";
  }

 private:
  const Environment& environment_;
  Warnings& warnings_;
};

void read_resource(Reader& read, Config& config) {
  constexpr std::string_view kList = "OTEL_RESOURCE_ATTRIBUTES";
  if (const auto pairs = parse_resource_attributes(read.text(kList))) {
    for (const auto& [key, value] : *pairs) set_resource_attribute(config, key, Value(value));
  } else {
    read.note(kList, pairs.error().message + "; the whole variable is ignored");
  }
  constexpr std::string_view kName = "OTEL_SERVICE_NAME";
  if (!valid_utf8(read.text(kName))) {
    read.note(kName, "not UTF-8; ignored");
  } else if (!read.text(kName).empty()) {
    config.service_name = read.text(kName);
  }
}

void read_limits(Reader& read, SpanLimits& limits) {
  read.count("OTEL_ATTRIBUTE_COUNT_LIMIT", limits.attribute_count);
  read.count("OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT", limits.attribute_count);
  read.count("OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT", limits.attribute_value_length);
  read.count("OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT", limits.attribute_value_length);
  read.count("OTEL_SPAN_EVENT_COUNT_LIMIT", limits.event_count);
  read.count("OTEL_SPAN_LINK_COUNT_LIMIT", limits.link_count);
  read.count("OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT", limits.event_attribute_count);
  read.count("OTEL_LINK_ATTRIBUTE_COUNT_LIMIT", limits.link_attribute_count);
}

double sampler_ratio(Reader& read) {
  constexpr std::string_view kArgument = "OTEL_TRACES_SAMPLER_ARG";
  if (read.text(kArgument).empty()) return 1.0;
  const auto ratio = parse_number(read.text(kArgument));
  if (ratio && *ratio >= 0 && *ratio <= 1) return *ratio;
  read.warn(kArgument, "a number from 0 to 1");
  return 1.0;
}

void read_sampler(Reader& read, SamplerConfig& sampler) {
  constexpr std::string_view kName = "OTEL_TRACES_SAMPLER";
  constexpr std::string_view kParentBased = "parentbased_";
  std::string name = lower(read.text(kName));
  if (name.empty()) return;
  const bool parent_based = name.starts_with(kParentBased);
  if (parent_based) name.erase(0, kParentBased.size());
  if (name == "always_on") {
    sampler = {parent_based, 1.0};
  } else if (name == "always_off") {
    sampler = {parent_based, 0.0};
  } else if (name == "traceidratio") {
    sampler = {parent_based, sampler_ratio(read)};
  } else {
    read.warn(kName,
              "[parentbased_]always_on, [parentbased_]always_off or "
              "[parentbased_]traceidratio");
  }
}

void read_methods(Reader& read, std::vector<std::string>& out) {
  auto methods = split_list(read.text("OTEL_INSTRUMENTATION_HTTP_KNOWN_METHODS"));
  if (!methods.empty()) out = std::move(methods);
}

// An empty variable counts as unset, so "none" stands for an empty list.
void read_headers(Reader& read, const std::string& name, std::vector<std::string>& out) {
  auto names = split_list(lower(read.text(name)));
  if (names.empty()) return;
  if (names == std::vector<std::string>{"none"}) names.clear();
  if (!std::ranges::all_of(names, is_header_name)) return read.warn(name, "names of headers");
  out = std::move(names);
}

void read_side(Reader& read, const std::string& side,
               std::shared_ptr<const CaptureOptions>& capture) {
  auto changed = std::make_shared<CaptureOptions>(*capture);
  const std::string prefix = "OTEL_INSTRUMENTATION_HTTP_" + side + "_CAPTURE_";
  read_headers(read, prefix + "REQUEST_HEADERS", changed->request_headers);
  read_headers(read, prefix + "RESPONSE_HEADERS", changed->response_headers);
  read_methods(read, changed->known_methods);
  capture = std::move(changed);
}

void read_notices(Reader& read) {
  constexpr std::string_view kPropagators = "OTEL_PROPAGATORS";
  for (const std::string& name : split_list(read.text(kPropagators))) {
    if (name != "tracecontext" && name != "baggage") {
      read.note(kPropagators, shown(name) + " has no effect: weft reads W3C trace context only");
    }
  }
}

}  // namespace

Environment process_environment() {
  Environment out;
  for (char** entry = environ; entry && *entry; ++entry) {
    const std::string_view text = *entry;
    const size_t equals = text.find('=');
    if (equals != std::string_view::npos)
      out.emplace(text.substr(0, equals), text.substr(equals + 1));
  }
  return out;
}

std::string_view lookup(const Environment& environment, std::string_view name) {
  const auto it = environment.find(name);
  return it == environment.end() ? std::string_view() : std::string_view(it->second);
}

void apply_environment(const Environment& environment, Config& config, Warnings& warnings) {
  Reader read(environment, warnings);
  config.disabled = read.flag("OTEL_SDK_DISABLED");
  constexpr std::string_view kLogLevel = "OTEL_LOG_LEVEL";
  if (!read.text(kLogLevel).empty()) {
    const std::string level = normalised_log_level(read.text(kLogLevel));
    if (level.empty()) {
      read.warn(kLogLevel, "trace, debug, info, warn, error, fatal or off");
    } else {
      config.log_level = level;
    }
  }
  read_resource(read, config);
  read_limits(read, config.limits);
  read_sampler(read, config.sampler);
  read_side(read, "SERVER", config.server_capture);
  read_side(read, "CLIENT", config.client_capture);
  constexpr std::string_view kOptIn = "OTEL_SEMCONV_STABILITY_OPT_IN";
  for (const std::string& fault : read_opt_in(read.text(kOptIn), config.old_names)) {
    read.note(kOptIn, fault);
  }
  read_notices(read);
}

std::string normalised_log_level(std::string_view text) {
  std::string level = lower(text);
  // The declarative file has four grades per severity; the log has one.
  if (!level.empty() && level.back() >= '2' && level.back() <= '4') level.pop_back();
  if (level == "warning") return "warn";
  if (level == "fatal") return "critical";
  for (const char* known : {"trace", "debug", "info", "warn", "error", "critical", "off"}) {
    if (level == known) return level;
  }
  return {};
}

void set_resource_attribute(Config& config, std::string_view name, Value value) {
  if (name != semconv::kServiceName.text()) {
    config.resource.set(Key::intern(name), std::move(value));
    return;
  }
  const auto* text = std::get_if<std::string>(&value);
  if (text && !text->starts_with("unknown_service")) config.service_name = *text;
}

}  // namespace weft

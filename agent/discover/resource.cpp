// SPDX-License-Identifier: Apache-2.0
#include "agent/discover/resource.h"

#include <array>
#include <cstdio>
#include <ctime>
#include <utility>
#include <uuid/uuid.h>

#include "agent/base/path.h"
#include "agent/base/semconv.h"
#include "agent/base/utf8.h"
#include "agent/base/version.h"
#include "agent/config/text.h"
#include "agent/discover/service_name.h"

namespace weft {
namespace {

void set(Attributes& attributes, Key key, const std::string& value) {
  if (!value.empty()) attributes.set(key, Value(to_utf8(value)));
}

void set(Attributes& attributes, Key key, uint32_t value) {
  if (value != 0) attributes.set(key, value);
}

// A title that a server wrote over its arguments ("postgres: shop 10.0.0.7(3452) idle")
// names clients, not a command.
std::string command_of(const ProcessFacts& facts) {
  if (facts.args.empty() || facts.args[0].find(": ") != std::string::npos) return {};
  return facts.args[0];
}

void add_process(Attributes& out, const ProcessFacts& facts) {
  set(out, semconv::kProcessPid, facts.pid);
  set(out, semconv::kProcessParentPid, facts.ppid);
  if (facts.created != 0) set(out, semconv::kProcessCreationTime, iso8601(facts.created));
  set(out, semconv::kProcessExecutableName, std::string(base_name(facts.exe)));
  if (facts.exe.starts_with('/')) set(out, semconv::kProcessExecutablePath, facts.exe);
  set(out, semconv::kProcessBuildIdGnu, facts.build_id);
  set(out, semconv::kProcessBuildIdGo, facts.go_build_id);
  set(out, semconv::kProcessCommand, command_of(facts));
  set(out, semconv::kProcessOwner, facts.owner);
  set(out, semconv::kProcessRuntimeName, facts.runtime_name);
  set(out, semconv::kProcessRuntimeVersion, facts.runtime_version);
}

void add_agent(Attributes& out, const ProcessFacts& facts) {
  set(out, semconv::kTelemetrySdkLanguage, facts.language);
  out.set(semconv::kTelemetrySdkName, "weft");
  out.set(semconv::kTelemetrySdkVersion, kVersion);
  out.set(semconv::kTelemetryDistroName, "weft");
  out.set(semconv::kTelemetryDistroVersion, kVersion);
}

void add_host(Attributes& out, const Host& host) {
  set(out, semconv::kHostName, host.name);
  set(out, semconv::kHostId, host.id);
  set(out, semconv::kHostArch, host.arch);
  out.set(semconv::kOsType, "linux");
  set(out, semconv::kOsName, host.os_name);
  set(out, semconv::kOsVersion, host.os_version);
  set(out, semconv::kOsDescription, host.os_description);
}

// The combination of host, pid and start time is never reused.
std::string instance_id(const Host& host, const ProcessFacts& facts) {
  const uint64_t start = facts.start_ticks != 0 ? facts.start_ticks : facts.heard;
  return instance_uuid(host.id + "/" + host.name + "/" + std::to_string(facts.pid) + "/" +
                       std::to_string(start));
}

// An empty service.name counts as absent.
void merge(Attributes& out, Key key, const Value& value) {
  const auto* text = std::get_if<std::string>(&value);
  if (key == semconv::kServiceName && (!text || text->empty())) return;
  out.set(key, value);
}

// Attributes of a published context that Weft ignores and sets itself: telemetry.* (Weft makes
// these spans, not the SDK), and the pids as the host sees them.
bool is_ours(Key key) {
  return key.text().starts_with("telemetry.") || key == semconv::kProcessPid ||
         key == semconv::kProcessParentPid;
}

void add_context(Attributes& out, const ProcessContext& context) {
  for (const Attribute& a : context.attributes) {
    const auto* text = std::get_if<std::string>(&a.value);
    const bool placeholder =
        a.key == semconv::kServiceName && text && text->starts_with("unknown_service");
    if (!is_ours(a.key) && !placeholder) merge(out, a.key, a.value);
  }
}

}  // namespace

std::string_view variable(const ProcessFacts& facts, std::string_view name) {
  for (const std::string_view entry : facts.environment) {
    if (entry.size() > name.size() && entry.starts_with(name) && entry[name.size()] == '=') {
      return entry.substr(name.size() + 1);
    }
  }
  return {};
}

std::string iso8601(uint64_t unix_ns) {
  const auto seconds = static_cast<time_t>(unix_ns / 1'000'000'000u);
  const auto millis = static_cast<unsigned>(unix_ns / 1'000'000u % 1000u);
  tm utc{};
  gmtime_r(&seconds, &utc);
  std::array<char, 40> text;
  const size_t n = strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%S", &utc);
  const int m = std::snprintf(text.data() + n, text.size() - n, ".%03uZ", millis);
  return {text.data(), n + static_cast<size_t>(m)};
}

std::string instance_uuid(std::string_view identity) {
  uuid_t space;
  uuid_t id;
  uuid_parse("4d63009a-8d0f-11ee-aad7-4c796ed8e320", space);
  uuid_generate_sha1(id, space, identity.data(), identity.size());
  std::array<char, UUID_STR_LEN> text;
  uuid_unparse_lower(id, text.data());
  return text.data();
}

ResourceBuilder::ResourceBuilder(const Config& config, Host host, CounterSet& counters)
    : config_(config),
      host_(std::move(host)),
      malformed_(counters.get("weft.discover.malformed_resource_attributes")) {}

ResourcePtr ResourceBuilder::build(const ProcessFacts& facts) {
  auto resource = std::make_shared<Resource>();
  if (config_.old_names.any()) resource->schema_url = {};
  Attributes& out = resource->attributes;
  out.reserve(32);
  set(out, semconv::kServiceName, service_name(facts));
  out.set(semconv::kServiceInstanceId, Value(instance_id(host_, facts)));
  add_agent(out, facts);
  add_process(out, facts);
  set(out, semconv::kContainerId, facts.container_id);
  set(out, semconv::kContainerRuntimeName, facts.container_runtime);
  add_host(out, host_);

  for (const Attribute& a : config_.resource) merge(out, a.key, a.value);
  if (facts.context) add_context(out, *facts.context);
  const auto own = parse_resource_attributes(variable(facts, "OTEL_RESOURCE_ATTRIBUTES"));
  if (!own) malformed_.add();
  if (own) {
    for (const auto& [key, value] : *own) merge(out, Key::intern(key), Value(value));
  }
  set(out, semconv::kServiceName, std::string(variable(facts, "OTEL_SERVICE_NAME")));
  set(out, semconv::kServiceName, config_.service_name);
  return resource;
}

}  // namespace weft

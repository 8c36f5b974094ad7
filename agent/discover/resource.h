// SPDX-License-Identifier: Apache-2.0
// A process's OpenTelemetry resource. Later sources win: observed facts < the configuration's
// attributes < the process's published context < its own OTEL_RESOURCE_ATTRIBUTES and
// OTEL_SERVICE_NAME < the configuration's service_name. docs/service-name.md says how a name is
// found.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "agent/base/counter.h"
#include "agent/config/config.h"
#include "agent/discover/proc/facts.h"
#include "agent/discover/proc/host.h"
#include "agent/span/span.h"

namespace weft {

// One thread. `config` and `counters` outlive it.
class ResourceBuilder {
 public:
  ResourceBuilder(const Config& config, Host host, CounterSet& counters);
  // Never null; service.name is present; every value is UTF-8.
  ResourcePtr build(const ProcessFacts& facts);

 private:
  const Config& config_;
  Host host_;
  Counter& malformed_;  // counts discarded OTEL_RESOURCE_ATTRIBUTES
};

// The value of an environment variable; empty if absent.
std::string_view variable(const ProcessFacts& facts, std::string_view name);
// Unix ns as "2025-11-21T03:14:15.926Z".
std::string iso8601(uint64_t unix_ns);
// RFC 9562 version 5 (SHA-1), in the namespace that OpenTelemetry defines for instance ids.
std::string instance_uuid(std::string_view identity);

}  // namespace weft

// SPDX-License-Identifier: Apache-2.0
#include <cstdio>
#include <nlohmann/json.hpp>

#include "agent/admin/probe_rows.h"
#include "agent/admin/server.h"
#include "agent/app/probe_targets.h"
#include "agent/app/report.h"
#include "agent/app/run.h"
#include "agent/base/version.h"
#include "agent/kernel/object.h"
#include "agent/storage/files/patterns.h"

namespace weft::app {
namespace {

using kernel::Capability;

struct Diagnosis {
  std::string release;
  std::vector<Capability> capabilities;
  std::vector<StatusReport::Hook> hooks;
  std::vector<StatusReport::ProbeRow> probes;
  bool counted = false;  // hits come from a running agent
  Status result;
};

// Finds running processes that hold a target; only a running agent can say how often probes are
// hit.
void examine_targets(const Config& config, kernel::Object& object, Diagnosis& d) {
  attach::Planner planner(
      object.probes(), object.code(), probe_targets(config), [](const ProbeTarget&, uint32_t) {},
      config.storage.records);
  planner.scan();
  d.probes = probe_rows(planner);
  if (config.admin_port == 0 || d.probes.empty()) return;
  const Result<StatusReport> agent = fetch_status(config.admin_host, config.admin_port);
  d.counted = agent.has_value();
  if (agent) take_hits(agent->probes, d.probes);
}

// Loads and attaches for real, then detaches: what works here works for `weft run`.
Diagnosis examine(const Config& config) {
  Diagnosis d;
  Result<kernel::Features> features = kernel::Features::probe();
  if (!features) {
    d.result = std::unexpected(features.error());
    return d;
  }
  d.release = features->release();
  d.capabilities = features->capabilities();
  const auto patterns = file_patterns(config);
  if (!patterns) {
    d.result = std::unexpected(patterns.error());
    return d;
  }
  kernel::Observed all = observed(config);
  all.files_when_asked = false;
  const auto object =
      kernel::Object::start(config.kernel, *features, all, watched_files(config, *patterns));
  if (!object) {
    d.result = std::unexpected(object.error());
    return d;
  }
  d.hooks = hook_rows((*object)->choices());
  examine_targets(config, **object, d);
  return d;
}

std::string as_json(const Diagnosis& d) {
  nlohmann::ordered_json out;
  out["version"] = kVersion;
  out["kernel"] = d.release;
  out["ok"] = d.result.has_value();
  if (!d.result) out["error"] = d.result.error().message;
  out["capabilities"] = nlohmann::ordered_json::array();
  for (const Capability& c : d.capabilities) {
    out["capabilities"].push_back(
        {{"name", c.name}, {"available", c.available}, {"detail", c.detail}});
  }
  out["hooks"] = nlohmann::ordered_json::array();
  for (const StatusReport::Hook& h : d.hooks) {
    out["hooks"].push_back({{"hook", h.hook}, {"type", h.type}, {"reason", h.reason}});
  }
  out["probes"] = nlohmann::ordered_json::array();
  for (const StatusReport::ProbeRow& row : d.probes) out["probes"].emplace_back(probe_json(row));
  // A path may hold any bytes; invalid UTF-8 is replaced.
  return out.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

void print(const Diagnosis& d) {
  std::printf("weft %s on Linux %s\n\n", std::string(kVersion).c_str(), d.release.c_str());
  std::printf("This kernel\n");
  for (const Capability& c : d.capabilities) {
    std::printf("  %s %-32s %s\n", c.available ? "yes" : "no ", c.name.c_str(), c.detail.c_str());
  }
  std::printf("\nHooks\n");
  for (const StatusReport::Hook& h : d.hooks) {
    std::printf("  %-16s %-11s %s\n", h.hook.c_str(), h.type.c_str(),
                h.reason.empty() ? "" : ("(" + h.reason + ")").c_str());
  }
  std::fputs(probes_text(d.probes).c_str(), stdout);
  if (!d.probes.empty() && !d.counted) std::printf("\nCalls are counted while an agent runs.\n");
  if (d.result) std::printf("\nReady: `weft run` will work here.\n");
}

}  // namespace

Status doctor(const cli::Invocation& invocation) {
  const Diagnosis d = examine(invocation.config);
  if (invocation.json) {
    std::fputs(as_json(d).c_str(), stdout);
  } else {
    print(d);
  }
  return d.result;
}

}  // namespace weft::app

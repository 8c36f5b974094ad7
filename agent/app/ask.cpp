// SPDX-License-Identifier: Apache-2.0
// The commands that query the running agent.
#include <cstdio>

#include "agent/admin/server.h"
#include "agent/app/run.h"

namespace weft::app {

Status status(const cli::Invocation& invocation) {
  const Config& config = invocation.config;
  Result<StatusReport> report = fetch_status(config.admin_host, config.admin_port);
  if (!report) return std::unexpected(report.error());
  const std::string text = invocation.json ? to_json(*report) + "\n" : to_text(*report);
  std::fputs(text.c_str(), stdout);
  return {};
}

Status exporters(const cli::Invocation& invocation) {
  const Config& config = invocation.config;
  std::fputs(invocation.text.c_str(), stdout);
  const auto report = fetch_status(config.admin_host, config.admin_port);
  const std::string agent = report ? exporters_text(*report) : "No agent runs here.\n";
  std::fputs(("\n" + agent).c_str(), stdout);
  return {};
}

}  // namespace weft::app

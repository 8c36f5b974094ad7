// SPDX-License-Identifier: Apache-2.0
// The admin endpoint: /healthz, /status and /metrics over HTTP, and its client.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "agent/admin/status.h"
#include "agent/base/result.h"

namespace weft {

// Answers on threads of its own from start() to destruction, which joins them.
//   /healthz  200 "ok" when the report is ready, else 503 "starting"
//   /status   the report as JSON
//   /metrics  Prometheus text 0.0.4
// There is no authentication: bind it to loopback, as is the default.
class AdminServer {
 public:
  // Called on the server's threads, one call at a time; must be safe against the agent's threads.
  using Source = std::function<StatusReport()>;

  // Port 0: any free port. Errors: kAddressInUse; kConfig if the host is not an address of this
  // machine.
  static Result<std::unique_ptr<AdminServer>> start(const std::string& host, uint16_t port,
                                                    Source source);
  ~AdminServer();
  AdminServer(const AdminServer&) = delete;
  AdminServer& operator=(const AdminServer&) = delete;

  uint16_t port() const;

 private:
  struct Impl;
  explicit AdminServer(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

// The report of the agent at host:port. Blocks for 2 s at most. Error: kUnreachable.
Result<StatusReport> fetch_status(const std::string& host, uint16_t port);

}  // namespace weft

// SPDX-License-Identifier: Apache-2.0
// Makes the sessions of connections: knows the registry's protocols and the user's settings.
#pragma once

#include <memory>

#include "agent/port/protocol.h"

namespace weft {

struct ConnectionInfo;

// Immutable; outlives the connections.
class SessionFactory {
 public:
  // Extra attributes to record, per role.
  struct Capture {
    std::shared_ptr<const CaptureOptions> server;
    std::shared_ptr<const CaptureOptions> client;
  };

  explicit SessionFactory(Capture capture) : capture_(std::move(capture)) {}

  // Of info.protocol, which is not null.
  std::unique_ptr<Session> make(const ConnectionInfo& info) const;

 private:
  Capture capture_;
};

}  // namespace weft

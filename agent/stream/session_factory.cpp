// SPDX-License-Identifier: Apache-2.0
#include "agent/stream/session_factory.h"

#include "agent/stream/connection.h"

namespace weft {

std::unique_ptr<Session> SessionFactory::make(const ConnectionInfo& info) const {
  SessionOptions options;
  options.role = info.role;
  options.local_address = info.local.text();
  options.remote_address = info.remote_address;
  options.local_port = info.local.port;
  options.remote_port = info.remote.port;
  options.encrypted = info.transport != 0;
  options.capture = info.role == Role::kServer ? capture_.server : capture_.client;
  return info.protocol->make(options);
}

}  // namespace weft

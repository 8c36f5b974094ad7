// SPDX-License-Identifier: Apache-2.0
// The peer that a span called, by the ranks of OpenTelemetry's specification for Zipkin exporters.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "agent/base/attribute.h"

namespace weft::zipkin {

struct RemoteEndpoint {
  std::string_view service;  // empty: only an address is known
  std::string_view ipv4;     // at most one of these two
  std::string_view ipv6;
  uint16_t port = 0;  // 0: unknown
};

// Views into the attributes. None: no attribute names the peer.
//
//   rank  attribute                port                    becomes
//   1     peer.service             –                       service
//   2     server.address           server.port             service (and the address if it is one)
//   3     net.peer.name            net.peer.port           as 2
//   4     network.peer.address     network.peer.port       address
//   5     server.socket.domain     server.socket.port      as 2
//   6     server.socket.address    server.socket.port      address
//   7     net.sock.peer.name       net.sock.peer.port      as 2
//   8     net.sock.peer.addr       net.sock.peer.port      address
//   9     peer.hostname            –                       as 2
//   10    peer.address             –                       as 2
//   11    db.name                  –                       as 2
std::optional<RemoteEndpoint> remote_endpoint(const Attributes& attributes);

}  // namespace weft::zipkin

// SPDX-License-Identifier: Apache-2.0
// One end of a connection.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <span>
#include <string>

namespace weft {

// IPv4-mapped IPv6 addresses are stored as IPv4, so that both ends of a connection use the same
// address.
struct Endpoint {
  std::array<uint8_t, 16> address{};  // IPv4 in the first four bytes
  uint16_t port = 0;
  bool ipv6 = false;

  static Endpoint v4(std::span<const uint8_t, 4> address, uint16_t port);
  static Endpoint v6(std::span<const uint8_t, 16> address, uint16_t port);
  std::string text() const;  // RFC 5952; empty for a Unix socket (all zero, port 0)
  auto operator<=>(const Endpoint&) const = default;
};

}  // namespace weft

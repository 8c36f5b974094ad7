// SPDX-License-Identifier: Apache-2.0
#include "agent/stream/endpoint.h"

#include <algorithm>
#include <arpa/inet.h>
#include <charconv>

namespace weft {
namespace {

// inet_ntop formats by snprintf, which costs as much as the rest of a short connection.
std::string dotted(std::span<const uint8_t, 4> address) {
  char text[INET_ADDRSTRLEN];
  char* at = text;
  for (const uint8_t part : address) {
    if (at != text) *at++ = '.';
    at = std::to_chars(at, std::end(text), part).ptr;
  }
  return {text, at};
}

}  // namespace

Endpoint Endpoint::v4(std::span<const uint8_t, 4> address, uint16_t port) {
  Endpoint e;
  e.port = port;
  std::ranges::copy(address, e.address.begin());
  return e;
}

Endpoint Endpoint::v6(std::span<const uint8_t, 16> address, uint16_t port) {
  static constexpr std::array<uint8_t, 12> kMapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  if (std::ranges::equal(address.first<12>(), kMapped)) return v4(address.last<4>(), port);
  Endpoint e;
  e.port = port;
  e.ipv6 = true;
  std::ranges::copy(address, e.address.begin());
  return e;
}

std::string Endpoint::text() const {
  if (port == 0 && std::ranges::all_of(address, [](uint8_t b) { return b == 0; })) return {};
  if (!ipv6) return dotted(std::span(address).first<4>());
  char text[INET6_ADDRSTRLEN] = {};
  inet_ntop(AF_INET6, address.data(), text, sizeof text);
  return text;
}

}  // namespace weft

// SPDX-License-Identifier: Apache-2.0
#include "exporters/zipkin/remote_endpoint.h"

#include <arpa/inet.h>
#include <string>
#include <tuple>
#include <utility>

namespace weft::zipkin {
namespace {

struct Rank {
  std::string_view key;
  std::string_view port_key;
  bool is_address;  // used only if it is an IP address
};

constexpr Rank kRanks[] = {
    {"peer.service", "", false},
    {"server.address", "server.port", false},
    {"net.peer.name", "net.peer.port", false},
    {"network.peer.address", "network.peer.port", true},
    {"server.socket.domain", "server.socket.port", false},
    {"server.socket.address", "server.socket.port", true},
    {"net.sock.peer.name", "net.sock.peer.port", false},
    {"net.sock.peer.addr", "net.sock.peer.port", true},
    {"peer.hostname", "", false},
    {"peer.address", "", false},
    {"db.name", "", false},
};

bool is_ip(int family, std::string_view text) {
  in6_addr address;
  return inet_pton(family, std::string(text).c_str(), &address) == 1;
}

RemoteEndpoint endpoint_of(const Rank& rank, std::string_view text) {
  RemoteEndpoint out{};
  if (!rank.is_address) out.service = text;
  if (text.find(':') != std::string_view::npos) {
    if (is_ip(AF_INET6, text)) out.ipv6 = text;
  } else if (text.front() >= '0' && text.front() <= '9') {
    if (is_ip(AF_INET, text)) out.ipv4 = text;
  }
  return out;
}

bool is_usable(const RemoteEndpoint& endpoint) {
  return !endpoint.service.empty() || !endpoint.ipv4.empty() || !endpoint.ipv6.empty();
}

uint16_t port_of(const Attributes& attributes, std::string_view key) {
  for (const Attribute& attribute : attributes) {
    if (attribute.key.text() != key) continue;
    const auto* port = std::get_if<int64_t>(&attribute.value);
    return port && *port > 0 && *port <= 0xffff ? static_cast<uint16_t>(*port) : 0;
  }
  return 0;
}

// Null: no rank above `best`.
const Rank* rank_of(std::string_view key, const Rank* best) {
  for (const Rank* rank = kRanks; rank != best; ++rank) {
    if (rank->key == key) return rank;
  }
  return nullptr;
}

}  // namespace

std::optional<RemoteEndpoint> remote_endpoint(const Attributes& attributes) {
  const Rank* best = std::end(kRanks);
  RemoteEndpoint found{};
  for (const Attribute& attribute : attributes) {
    const auto* text = std::get_if<std::string>(&attribute.value);
    const Rank* rank = text && !text->empty() ? rank_of(attribute.key.text(), best) : nullptr;
    if (!rank) continue;
    const RemoteEndpoint candidate = endpoint_of(*rank, *text);
    if (is_usable(candidate)) std::tie(best, found) = std::pair(rank, candidate);
  }
  if (best == std::end(kRanks)) return std::nullopt;
  if (!best->port_key.empty()) found.port = port_of(attributes, best->port_key);
  return found;
}

}  // namespace weft::zipkin

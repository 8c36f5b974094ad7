// SPDX-License-Identifier: Apache-2.0
#include "agent/stitch/peers.h"

#include <algorithm>
#include <string_view>

namespace weft {

size_t Peers::Hash::operator()(const Key& key) const {
  const std::string_view address(reinterpret_cast<const char*>(key.client.address.data()),
                                 key.client.address.size());
  const uint64_t rest = uint64_t{key.sequence} << 16 | key.client.port;
  return std::hash<std::string_view>{}(address) ^ (rest * 0x9e3779b97f4a7c15u);
}

void Peers::add(const NodePtr& client) {
  const ConnectionInfo& connection = *client->connection;
  if (connection.family == WEFT_FAMILY_UNIX) {
    unix_[connection.inode].push_back(client);
  } else {
    tcp_[{connection.local, static_cast<uint32_t>(client->start.pos)}] = client;
  }
}

void Peers::ended(const NodePtr& client) {
  if (client->claimed) return forget(client);
  lingering_.push_back(client);
  if (lingering_.size() <= kLinger) return;
  forget(lingering_.front());
  lingering_.pop_front();
}

void Peers::forget(const NodePtr& client) {
  const ConnectionInfo& connection = *client->connection;
  if (connection.family == WEFT_FAMILY_UNIX) {
    const auto it = unix_.find(connection.inode);
    if (it == unix_.end()) return;
    std::erase(it->second, client);
    if (it->second.empty()) unix_.erase(it);
    return;
  }
  const auto it = tcp_.find({connection.local, static_cast<uint32_t>(client->start.pos)});
  if (it != tcp_.end() && it->second == client) tcp_.erase(it);
}

NodePtr Peers::claim(const Node& server) {
  const bool is_unix = server.connection->family == WEFT_FAMILY_UNIX;
  NodePtr client = is_unix ? find_unix(server) : find_tcp(server);
  if (client) client->claimed = true;
  return client;
}

NodePtr Peers::find_tcp(const Node& server) const {
  const auto it = tcp_.find({server.connection->remote, static_cast<uint32_t>(server.start.pos)});
  return it == tcp_.end() ? nullptr : it->second;
}

// No sequence numbers here, but positions count from when each end was first seen: mostly
// the same byte. Where they do not, a request that is the only one on its way is it.
NodePtr Peers::find_unix(const Node& server) const {
  const auto it = unix_.find(server.connection->peer_inode);
  if (it == unix_.end()) return nullptr;
  NodePtr only;
  size_t waiting = 0;
  for (const NodePtr& client : it->second) {
    if (client->start.stamp.time > server.start.stamp.time) continue;
    if (client->start.pos == server.start.pos) return client;
    if (!client->open) continue;
    only = client;
    ++waiting;
  }
  return waiting == 1 ? only : nullptr;
}

}  // namespace weft

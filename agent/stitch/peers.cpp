// SPDX-License-Identifier: Apache-2.0
#include "agent/stitch/peers.h"

#include <algorithm>
#include <cstring>

namespace weft {
namespace {

bool is_above(const Node& node) {
  return node.connection->transport != 0;
}

// Positions in a layer count from its beginning, which both ends must have seen.
bool is_joinable(const Node& node) {
  return !is_above(node) || !node.connection->late;
}

bool is_unix(const Node& node) {
  return node.connection->family == WEFT_FAMILY_UNIX;
}

}  // namespace

size_t Peers::Hash::operator()(const Key& key) const {
  uint64_t halves[2];
  static_assert(sizeof halves == sizeof key.client.address);
  std::memcpy(halves, key.client.address.data(), sizeof halves);
  const uint64_t address = mix(halves[0]) ^ halves[1];
  const uint64_t rest = key.position << 16 | key.client.port;
  return mix(address ^ rest * 0x9e3779b97f4a7c15u);
}

Peers::Key Peers::unix_key(uint64_t inode, uint64_t position, bool above) {
  Key key{.client = {}, .position = position, .above = above};
  std::memcpy(key.client.address.data(), &inode, sizeof inode);
  return key;
}

Peers::Key Peers::key_of(const Node& client) {
  const ConnectionInfo& connection = *client.connection;
  if (is_unix(client)) return unix_key(connection.inode, client.start.pos, is_above(client));
  return tcp_key(connection.local, client);
}

Peers::Key Peers::tcp_key(const Endpoint& client, const Node& node) {
  const uint64_t pos = node.start.pos;
  return {client, is_above(node) ? pos : static_cast<uint32_t>(pos), is_above(node)};
}

void Peers::add(const NodePtr& client) {
  if (!is_joinable(*client)) return;
  clients_[key_of(*client)] = client;
  if (is_unix(*client) && !is_above(*client)) open_unix_.add(*client);
}

void Peers::ended(const NodePtr& client) {
  if (client->claimed) return forget(client);
  open_unix_.remove(*client);
  lingering_.push_back(client);
  if (lingering_.size() <= kLinger) return;
  forget(lingering_.front());
  lingering_.pop_front();
}

void Peers::forget(const NodePtr& client) {
  open_unix_.remove(*client);
  const auto it = clients_.find(key_of(*client));
  if (it != clients_.end() && it->second == client) clients_.erase(it);
}

NodePtr Peers::claim(const Node& server) {
  if (!is_joinable(server)) return nullptr;
  NodePtr client =
      is_unix(server) ? find_unix(server) : find(tcp_key(server.connection->remote, server));
  if (client) client->claimed = true;
  return client;
}

NodePtr Peers::find(const Key& key) const {
  const auto it = clients_.find(key);
  return it == clients_.end() ? nullptr : it->second;
}

// Unix sockets have no sequence numbers. Positions count from when each end was first seen, which
// is mostly the same byte. Where it is not, the only open request of the client must be the one.
NodePtr Peers::find_unix(const Node& server) const {
  const uint64_t inode = server.connection->peer_inode;
  const auto is_sent = [&](const Node* client) {
    return client && client->start.stamp.time <= server.start.stamp.time;
  };
  // A send is seen when it is over, which may be after the server has answered.
  const auto is_asked = [&](const Node* client) {
    return client && client->start.stamp.time <= std::max(server.start.stamp.time, server.ended);
  };
  if (NodePtr same = find(unix_key(inode, server.start.pos, is_above(server)));
      is_asked(same.get()))
    return same;
  if (is_above(server)) return nullptr;
  Node* const oldest = open_unix_.first({inode});
  if (!is_sent(oldest) || is_sent(Groups<ByInode>::next(*oldest))) return nullptr;
  return NodePtr(oldest);
}

}  // namespace weft

// SPDX-License-Identifier: Apache-2.0
// Joins the two ends of a connection on one host without injecting anything: a client's request and
// the server's view of it begin at the same TCP sequence number.
#pragma once

#include <cstdint>
#include <deque>
#include <unordered_map>

#include "agent/stitch/keys.h"

namespace weft {

// Client exchanges that a server exchange may still claim. One thread. Bounded: an open exchange is
// kept. An ended one is kept until it is claimed or another kLinger exchanges have ended, because a
// server may read a request that its client has given up. An exchange without a span is removed at
// once.
class Peers {
 public:
  static constexpr size_t kLinger = 4096;

  void add(const NodePtr& client);
  void ended(const NodePtr& client);
  void forget(const NodePtr& client);
  // Returns and marks as claimed the client exchange behind a server's request; null: not seen.
  NodePtr claim(const Node& server);
  size_t size() const { return clients_.size(); }

 private:
  // What both ends know of the request's first byte. TCP: the client's address and port, and the
  // sequence number; without the server's address, so that address translation does not matter.
  // Unix: the client's inode in place of the address, port 0, and the stream position. A layer
  // above either: the same, with the position in the layer.
  struct Key {
    Endpoint client;
    uint64_t position;
    bool above;
    bool operator==(const Key&) const = default;
  };
  struct Hash {
    size_t operator()(const Key& key) const;
  };
  static Key key_of(const Node& client);
  static Key tcp_key(const Endpoint& client, const Node& node);
  static Key unix_key(uint64_t inode, uint64_t position, bool above);
  NodePtr find(const Key& key) const;
  NodePtr find_unix(const Node& server) const;

  std::unordered_map<Key, NodePtr, Hash> clients_;
  Groups<ByInode> open_unix_;
  std::deque<NodePtr> lingering_;
};

}  // namespace weft

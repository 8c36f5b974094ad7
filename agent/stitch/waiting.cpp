// SPDX-License-Identifier: Apache-2.0
#include "agent/stitch/waiting.h"

#include "agent/stitch/node.h"

namespace weft {

void WatchedNodes::add(Node& node, uint64_t since) {
  if (node.watched != 0) return;
  nodes_.push_back({&node, since});
  node.watched = nodes_.size();
}

void WatchedNodes::remove(Node& node) {
  if (node.watched == 0) return;
  Entry& place = nodes_[node.watched - 1];
  place = nodes_.back();
  place.node->watched = node.watched;
  nodes_.pop_back();
  node.watched = 0;
}

const std::vector<Node*>& WatchedNodes::due(uint64_t now) {
  due_.clear();
  for (const Entry& entry : nodes_) {
    const bool waited = now >= entry.since + kPatience;
    if (waited && entry.node->fate == Fate::kOpen) due_.push_back(entry.node);
  }
  return due_;
}

}  // namespace weft

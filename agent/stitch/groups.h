// SPDX-License-Identifier: Apache-2.0
// Groups nodes by a key, in order of insertion. Each operation takes constant time, and none
// allocates except to grow the table.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace weft {

struct Node;

// A node's links to the others with the same key.
struct GroupHook {
  Node* before = nullptr;
  Node* after = nullptr;
  // Set only in the first node of a key:
  Node* last = nullptr;
  Node* chain = nullptr;  // the next key in the same bucket
  size_t count = 0;

  bool is_linked() const { return before || count > 0; }
};

// The key of a node must not change while it is in a group. The nodes are not owned: remove each
// one before it is destroyed.
template <class Key>
class Groups {
 public:
  void add(Node& node) {
    if (groups_ >= buckets_.size()) grow();
    GroupHook& hook = Key::hook(node);
    Node*& place = find_place(Key::of(node));
    if (!place) {
      place = hook.last = &node;
      hook.count = 1;
      ++groups_;
      return;
    }
    GroupHook& head = Key::hook(*place);
    hook.before = std::exchange(head.last, &node);
    Key::hook(*hook.before).after = &node;
    ++head.count;
  }

  // No effect if the node is in no group.
  void remove(Node& node) {
    GroupHook& hook = Key::hook(node);
    if (!hook.is_linked()) return;
    Node*& place = find_place(Key::of(node));
    GroupHook& head = Key::hook(*place);
    --head.count;
    if (hook.after) Key::hook(*hook.after).before = hook.before;
    if (hook.before) {
      Key::hook(*hook.before).after = hook.after;
      if (!hook.after) head.last = hook.before;
    } else {
      replace_first(place, hook);
    }
    hook = {};
  }

  // The oldest node with the key; null: none.
  Node* first(const Key& key) const {
    if (buckets_.empty()) return nullptr;
    Node* node = buckets_[key.hash() & (buckets_.size() - 1)];
    while (node && !(Key::of(*node) == key)) node = Key::hook(*node).chain;
    return node;
  }
  static Node* next(Node& node) { return Key::hook(node).after; }
  // The only node with the key; null: none or several.
  Node* only(const Key& key) const {
    Node* node = first(key);
    return node && Key::hook(*node).count == 1 ? node : nullptr;
  }

 private:
  // Where the pointer to the first node of the key is, or would be.
  Node*& find_place(const Key& key) {
    Node** place = &buckets_[key.hash() & (buckets_.size() - 1)];
    while (*place && !(Key::of(**place) == key)) place = &Key::hook(**place).chain;
    return *place;
  }
  void replace_first(Node*& place, const GroupHook& gone) {
    place = gone.after ? gone.after : gone.chain;
    if (!gone.after) {
      --groups_;
      return;
    }
    GroupHook& head = Key::hook(*gone.after);
    head.last = gone.last;
    head.chain = gone.chain;
    head.count = gone.count;
  }
  void grow() {
    std::vector<Node*> old = std::move(buckets_);
    buckets_.assign(std::max<size_t>(64, 2 * old.size()), nullptr);
    for (Node* first : old) {
      while (first) {
        Node* const rest = std::exchange(Key::hook(*first).chain, nullptr);
        find_place(Key::of(*first)) = first;
        first = rest;
      }
    }
  }

  std::vector<Node*> buckets_;  // a power of two, or none
  size_t groups_ = 0;
};

}  // namespace weft

// SPDX-License-Identifier: Apache-2.0
// Pairs requests with responses that name them by a key, in any order (HTTP/2's stream id, Kafka's
// correlation id, MongoDB's request id). Used by a session, on its thread; owns the requests it
// keeps.
//
//   push(key) ─▶ { key: kept or uncertain, oldest first } ─▶ find(key) … take(key)
//
// A request that is not kept goes to `drop`, and the caller abandons it (which counts it).
//
// Bounded: at most `limit` keys are open. Unlike in a Fifo the oldest makes room, because a request
// that is never answered (cancelled, or one that has no answer) would else hold its place for ever.
// Choose a limit above what a connection has open at once: if a key that made room is used again
// before the answer to its first use comes, that answer is taken for the second one's.
//
// A key that is used again while it is open is uncertain: neither request is kept, and as many
// answers as it has requests belong to nobody. Which of the two an answer is for, nobody can tell,
// and a wrong pair is worse than none. After that the key is as new.
//
// Allocates nothing before the first push.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <iterator>
#include <list>
#include <optional>
#include <unordered_map>
#include <utility>

namespace weft {

template <class Key, class Request, class Hash = std::hash<Key>>
class Keyed {
 public:
  explicit Keyed(size_t limit) : limit_(limit) {}

  // drop(Request&): called for each request that is not kept, this one included.
  template <class Drop>
  void push(const Key& key, Request&& request, Drop drop) {
    if (const auto it = by_key_.find(key); it != by_key_.end()) {
      Entry& entry = *it->second;
      if (entry.request) drop(*entry.request);
      entry.request.reset();
      ++entry.owed;
      drop(request);
      return;
    }
    if (size() == limit_) drop_oldest(drop);
    by_age_.push_back({key, std::move(request)});
    by_key_.emplace(key, std::prev(by_age_.end()));
  }
  // The request that a response with this key belongs to; null: none is known. Valid until push or
  // take.
  Request* find(const Key& key) {
    const auto it = by_key_.find(key);
    if (it == by_key_.end()) return nullptr;
    std::optional<Request>& request = it->second->request;
    return request ? &*request : nullptr;
  }
  // The same, when its response is complete; of an uncertain key one answer less is to come.
  std::optional<Request> take(const Key& key) {
    const auto it = by_key_.find(key);
    if (it == by_key_.end() || --it->second->owed > 0) return std::nullopt;
    std::optional<Request> request = std::move(it->second->request);
    by_age_.erase(it->second);
    by_key_.erase(it);
    return request;
  }
  // Every kept request, oldest first.
  template <class Visit>
  void each(Visit visit) {
    for (Entry& entry : by_age_) {
      if (entry.request) visit(*entry.request);
    }
  }
  // Forgets every key: after a loss, or at the end.
  template <class Drop>
  void drop_all(Drop drop) {
    each(drop);
    by_age_.clear();
    by_key_.clear();
  }
  // Number of open keys, uncertain ones included.
  size_t size() const { return by_key_.size(); }
  bool empty() const { return size() == 0; }

 private:
  struct Entry {
    Key key;
    std::optional<Request> request;  // none: the key is uncertain
    size_t owed = 1;                 // requests with this key that are not answered
  };

  template <class Drop>
  void drop_oldest(Drop& drop) {
    Entry& oldest = by_age_.front();
    if (oldest.request) drop(*oldest.request);
    by_key_.erase(oldest.key);
    by_age_.pop_front();
  }

  size_t limit_;  // at least 1
  std::list<Entry> by_age_;
  std::unordered_map<Key, typename std::list<Entry>::iterator, Hash> by_key_;
};

}  // namespace weft

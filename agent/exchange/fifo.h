// SPDX-License-Identifier: Apache-2.0
// Pairs requests with responses that come in the same order on one connection (HTTP/1,
// Redis, PostgreSQL, …). Used by a session, on its thread; owns the requests it keeps.
//
//   push ─▶ [ kept, kept, … kept ] + unkept ─▶ front/pop, once per response
//
// Bounded: it keeps `limit` requests at most. A request beyond that is refused, and the
// caller abandons it (which counts it); its place in the order is remembered, so that
// its response is not taken for another's. Until all of those are answered every new
// request is refused as well. No byte is allocated before the first push.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace weft {

template <class Request>
class Fifo {
 public:
  // Names a kept request from push to pop; 0 is none.
  using Ticket = uint64_t;

  explicit Fifo(size_t limit) : limit_(limit) {}

  // 0: refused; the place is taken all the same.
  Ticket push(Request&& request) {
    if (unkept_ > 0 || size() == limit_) {
      ++unkept_;
      return 0;
    }
    compact();
    kept_.push_back(std::move(request));
    return popped_ + size();
  }
  // Responses still to come, of kept and unkept requests.
  size_t owed() const { return size() + unkept_; }
  bool empty() const { return owed() == 0; }
  // The request the next response belongs to; null: none is owed, or it was not kept.
  // Valid until push or pop.
  Request* front() { return size() == 0 ? nullptr : &kept_[first_]; }
  Request* back() { return size() == 0 || unkept_ > 0 ? nullptr : &kept_.back(); }
  // Null once popped.
  Request* find(Ticket ticket) {
    if (ticket <= popped_ || ticket > popped_ + size()) return nullptr;
    return &kept_[first_ + static_cast<size_t>(ticket - popped_) - 1];
  }
  // Every kept request, oldest first.
  template <class Visit>
  void each(Visit visit) {
    for (size_t i = first_; i < kept_.size(); ++i) visit(kept_[i]);
  }
  // The oldest is answered. Requires !empty().
  void pop() {
    if (size() == 0) {
      --unkept_;
      return;
    }
    ++popped_;
    if (size() == 1) return reset();
    kept_[first_++] = Request();
  }

 private:
  size_t size() const { return kept_.size() - first_; }
  void reset() {
    kept_.clear();
    first_ = 0;
  }
  // Popped places are reclaimed when the vector would grow otherwise.
  void compact() {
    if (first_ == 0 || kept_.size() < kept_.capacity()) return;
    kept_.erase(kept_.begin(), kept_.begin() + static_cast<ptrdiff_t>(first_));
    first_ = 0;
  }

  size_t limit_;
  std::vector<Request> kept_;  // [first_, end): waiting, oldest first
  size_t first_ = 0;
  uint64_t popped_ = 0;  // kept requests popped so far: turns a ticket into an index
  size_t unkept_ = 0;
};

}  // namespace weft

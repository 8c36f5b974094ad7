// SPDX-License-Identifier: Apache-2.0
// Pairs requests with responses that arrive in the same order on one connection (HTTP/1,
// Redis, PostgreSQL, …). Used by a session, on its thread; owns the requests it keeps.
//
//   push ─▶ [ kept, kept, … kept ] + unkept ─▶ front/pop, once per response
//
// Bounded: keeps at most `limit` requests. A further request is refused and the caller abandons
// it (which counts it); its position in the order is remembered, so that its response is not
// taken for another's. Until all refused ones are answered, every new request is refused as well.
// Allocates nothing before the first push.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace weft {

template <class Request>
class Fifo {
 public:
  // Identifies a kept request from push to pop; 0: none.
  using Ticket = uint64_t;

  explicit Fifo(size_t limit) : limit_(limit) {}

  // Returns 0 if the request is refused; it still counts in the order.
  Ticket push(Request&& request) {
    if (unkept_ > 0 || size() == limit_) {
      ++unkept_;
      return 0;
    }
    compact();
    kept_.push_back(std::move(request));
    return popped_ + size();
  }
  // Number of responses still expected, for kept and unkept requests.
  size_t owed() const { return size() + unkept_; }
  bool empty() const { return owed() == 0; }
  // The request that the next response answers; null: no response is expected, or the request was
  // not kept. Valid until push or pop.
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
  // Removes the oldest request, which has been answered. Requires !empty().
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
  // Reclaims popped entries when the vector would otherwise grow.
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

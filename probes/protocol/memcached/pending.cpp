// SPDX-License-Identifier: Apache-2.0
#include "probes/protocol/memcached/pending.h"

#include <utility>

namespace weft::protocol::memcached {
namespace {

constexpr uint32_t kRepeating =
    set_of({Answer::kHd, Answer::kVa, Answer::kEn, Answer::kNs, Answer::kEx, Answer::kNf});

bool is_in(uint32_t set, Answer answer) {
  return (set & set_of({answer})) != 0;
}

}  // namespace

bool Pending::fits(const Reply& reply) const {
  const Answer answer = reply.answer();
  if (!is_in(whole ? answers : answers & kErrors, answer)) return false;
  if (!is_in(kRepeating, answer)) return true;
  // The miss of older servers repeats nothing.
  if (answer == Answer::kEn && reply.opaque() == 0 && reply.key() == 0) return true;
  return reply.opaque() == opaque && reply.key() == key;
}

// Popped places are reclaimed when the vector would grow otherwise.
void PendingQueue::push(Pending&& command) {
  if (first_ > 0 && all_.size() == all_.capacity()) {
    all_.erase(all_.begin(), all_.begin() + static_cast<ptrdiff_t>(first_));
    first_ = 0;
  }
  all_.push_back(std::move(command));
}

void PendingQueue::pop() {
  if (size() == 1) {
    all_.clear();
    first_ = 0;
    return;
  }
  all_[first_++] = Pending();
}

PendingQueue::Match PendingQueue::match(const Reply& reply) const {
  Match out;
  for (size_t i = first_; i < all_.size(); ++i) {
    const Pending& command = all_[i];
    if (command.fits(reply) && out.count++ == 0) out.first = i - first_;
    if (!command.optional) {
      out.is_open = false;
      break;
    }
  }
  return out;
}

}  // namespace weft::protocol::memcached

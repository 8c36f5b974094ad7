// SPDX-License-Identifier: Apache-2.0
#include "agent/stitch/announced_contexts.h"

namespace weft {

void AnnouncedContexts::add(const weft_ev_context& context) {
  contexts_[context.exchange_id] = context;
  order_.push_back(context.exchange_id);
  if (order_.size() <= kMost) return;
  contexts_.erase(order_.front());
  order_.pop_front();
}

std::optional<weft_ev_context> AnnouncedContexts::take(uint64_t exchange_id) {
  if (contexts_.empty()) return std::nullopt;
  const auto node = contexts_.extract(exchange_id);
  return node ? std::optional(node.mapped()) : std::nullopt;
}

}  // namespace weft

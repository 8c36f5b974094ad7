// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "agent/port/exporter.h"

namespace weft {

using Kind = Delivery::Kind;

Delivery Sender::deliver(std::span<const SpanPtr> batch, const Deadline& deadline) {
  if (batch.empty()) return {};
  if (batch.front() != first_) {
    first_ = batch.front();
    rest_ = pack(batch);
    std::ranges::reverse(rest_.parcels);
    sum_ = {.kind = Kind::kRefused, .rejected = rest_.refused, .message = rest_.message};
  }
  Delivery delivery = send_rest(deadline);
  if (delivery.kind != Kind::kRetry) first_ = nullptr;
  return delivery;
}

// Returns kRefused for the whole batch, or delivered except for the spans counted as rejected.
Delivery Sender::send_rest(const Deadline& deadline) {
  for (; !rest_.parcels.empty(); rest_.parcels.pop_back()) {
    Delivery delivery = send(rest_.parcels.back(), deadline);
    if (delivery.kind == Kind::kRetry) return with_sum(std::move(delivery));
    add(rest_.parcels.back().spans, delivery);
  }
  sum_.delivered = sum_.stored = 0;
  return std::move(sum_);
}

void Sender::add(uint64_t spans, Delivery& delivery) {
  const bool refused = delivery.kind == Kind::kRefused;
  const uint64_t rejected = refused ? spans : std::min(delivery.rejected, spans);
  if (!refused) sum_.kind = delivery.kind;
  sum_.rejected += rejected;
  (delivery.kind == Kind::kStored ? sum_.stored : sum_.delivered) += spans - rejected;
  if (!delivery.message.empty()) sum_.message = std::move(delivery.message);
}

// Adds the counts of the batch so far, in case its rest is given up.
Delivery Sender::with_sum(Delivery delivery) const {
  delivery.rejected = sum_.rejected;
  delivery.delivered = sum_.delivered;
  delivery.stored = sum_.stored;
  return delivery;
}

}  // namespace weft

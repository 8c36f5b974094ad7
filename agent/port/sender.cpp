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

// Refused as a whole, or delivered but for those that are counted as rejected.
Delivery Sender::send_rest(const Deadline& deadline) {
  for (; !rest_.parcels.empty(); rest_.parcels.pop_back()) {
    const Parcel& parcel = rest_.parcels.back();
    Delivery delivery = send(parcel, deadline);
    if (delivery.kind == Kind::kRetry) return delivery;
    if (delivery.kind != Kind::kRefused) sum_.kind = delivery.kind;
    sum_.rejected += delivery.kind == Kind::kRefused ? parcel.spans : delivery.rejected;
    if (!delivery.message.empty()) sum_.message = std::move(delivery.message);
  }
  return std::move(sum_);
}

}  // namespace weft

// SPDX-License-Identifier: Apache-2.0
#include "exporters/kafka/kafka_exporter.h"

namespace weft::kafka {

using Kind = Delivery::Kind;

Delivery KafkaExporter::send(const Parcel& parcel, const Deadline& deadline) {
  const auto messages = messages_of(parcel);
  if (messages.empty()) return {.kind = Kind::kRefused, .message = "malformed parcel"};
  Outcome outcome = producer_->send(messages, deadline);
  if (outcome.failed > 0) {
    return {.kind = Kind::kRetry, .message = std::move(outcome.message)};
  }
  const bool is_refused = outcome.refused >= parcel.spans;
  return {.kind = is_refused ? Kind::kRefused : Kind::kDelivered,
          .rejected = is_refused ? 0 : outcome.refused,
          .message = std::move(outcome.message)};
}

}  // namespace weft::kafka

// SPDX-License-Identifier: Apache-2.0
// OTLP through Kafka: encodes, passes messages to the brokers, waits for their acknowledgement.
#pragma once

#include <memory>

#include "agent/port/exporter.h"
#include "exporters/kafka/messages.h"
#include "exporters/kafka/producer.h"

namespace weft::kafka {

class KafkaExporter final : public Sender {
 public:
  KafkaExporter(std::unique_ptr<Producer> producer, size_t max_message)
      : producer_(std::move(producer)), messages_(max_message) {}

  // One parcel: the messages of the batch.
  Packed pack(std::span<const SpanPtr> batch) override { return messages_.pack(batch); }
  // kRetry if any message failed. Then the others are sent twice: consumers get every span at least
  // once.
  Delivery send(const Parcel& parcel, const Deadline& deadline) override;
  std::string_view format() const override { return "kafka otlp protobuf"; }

 private:
  std::unique_ptr<Producer> producer_;
  MessageEncoder messages_;
};

}  // namespace weft::kafka

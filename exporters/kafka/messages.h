// SPDX-License-Identifier: Apache-2.0
// Encodes a batch as Kafka messages: one ExportTraceServiceRequest per trace, keyed by the trace id
// as 32 hex digits, so that a trace stays in one partition. The Collector's kafka receiver reads
// them with encoding otlp_proto; its exporter writes the same.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "agent/port/exporter.h"
#include "exporters/kafka/producer.h"
#include "exporters/otlp/encode/proto.h"

namespace weft::kafka {

// One thread.
class MessageEncoder {
 public:
  // max_message: bytes of one message, key included.
  explicit MessageEncoder(size_t max_message) : max_message_(max_message) {}

  // A parcel with three frames per message (agent/base/frames.h): key, payload, number of spans. A
  // trace too large for one message is divided among several. Refused: a span too large by itself.
  Sender::Packed pack(std::span<const SpanPtr> batch);

 private:
  void add(std::span<const SpanPtr> trace, Parcel& parcel);

  const size_t max_message_;
  otlp::ProtoEncoder encoder_;
};

// The messages of a parcel, as views of its bytes. Empty: the parcel is malformed.
std::vector<Message> messages_of(const Parcel& parcel);

}  // namespace weft::kafka

// SPDX-License-Identifier: Apache-2.0
// A batch as Kafka messages: one ExportTraceServiceRequest for each trace in it, keyed by the
// trace id as 32 hex digits, so that all of a trace is in one partition. The Collector's kafka
// receiver reads them with its encoding otlp_proto, its exporter writes the same.
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
  // Of a message, key included.
  explicit MessageEncoder(size_t max_message) : max_message_(max_message) {}

  // A parcel of three frames for each message (agent/base/frames.h): key, payload, number of
  // spans. A trace too large for one message is in several. Refused: a span that is by itself.
  Sender::Packed pack(std::span<const SpanPtr> batch);

 private:
  void add(std::span<const SpanPtr> trace, Parcel& parcel);

  const size_t max_message_;
  otlp::ProtoEncoder encoder_;
};

// The messages of a parcel, referring to its bytes. Nothing: it is none.
std::vector<Message> messages_of(const Parcel& parcel);

}  // namespace weft::kafka

// SPDX-License-Identifier: Apache-2.0
#include "exporters/kafka/messages.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <map>
#include <opentelemetry/proto/collector/trace/v1/trace_service.pb.h>

#include "exporters/otlp/encode/sample_spans.h"

namespace weft::kafka {
namespace {

using opentelemetry::proto::collector::trace::v1::ExportTraceServiceRequest;

std::shared_ptr<Span> span_of(const TraceId& trace) {
  auto span = otlp::plain_span(otlp::sample_resource("shop"), "GET");
  span->trace = trace;
  span->id = SpanId::random();
  return span;
}

// Names of the trace ids in a payload, with how many spans each has.
std::map<std::string, int> traces_in(std::string_view payload) {
  ExportTraceServiceRequest request;
  EXPECT_TRUE(request.ParseFromString(std::string(payload)));
  std::map<std::string, int> spans;
  for (const auto& resource : request.resource_spans()) {
    for (const auto& scope : resource.scope_spans()) {
      for (const auto& span : scope.spans()) ++spans[span.trace_id()];
    }
  }
  return spans;
}

TEST(KafkaMessages, OneForEachTraceKeyedByItsId) {
  const TraceId one = TraceId::random();
  const TraceId two = TraceId::random();
  const std::vector<SpanPtr> batch = {span_of(one), span_of(two), span_of(one)};
  const auto packed = MessageEncoder(1'000'000).pack(batch);
  ASSERT_EQ(packed.parcels.size(), 1u);
  EXPECT_EQ(packed.parcels[0].spans, 3u);
  const auto messages = messages_of(packed.parcels[0]);
  ASSERT_EQ(messages.size(), 2u);
  std::map<std::string, uint64_t> keys;
  for (const Message& message : messages) {
    const auto traces = traces_in(message.payload);
    ASSERT_EQ(traces.size(), 1u);
    EXPECT_EQ(static_cast<uint64_t>(traces.begin()->second), message.spans);
    keys[std::string(message.key)] = message.spans;
  }
  EXPECT_EQ(keys, (std::map<std::string, uint64_t>{{one.hex(), 2}, {two.hex(), 1}}));
}

TEST(KafkaMessages, ALargeTraceIsInSeveralOfOneKey) {
  const TraceId trace = TraceId::random();
  std::vector<SpanPtr> batch;
  for (int i = 0; i < 100; ++i) batch.push_back(span_of(trace));
  const auto packed = MessageEncoder(2000).pack(batch);
  EXPECT_EQ(packed.refused, 0u);
  uint64_t spans = 0;
  for (const Message& message : messages_of(packed.parcels.at(0))) {
    EXPECT_EQ(message.key, trace.hex());
    EXPECT_LE(message.key.size() + message.payload.size(), 2000u);
    spans += message.spans;
  }
  EXPECT_EQ(spans, 100u);
}

TEST(KafkaMessages, ASpanLargerThanAMessageIsRefused) {
  const auto huge = span_of(TraceId::random());
  huge->attributes.set("huge", std::string(3000, 'x'));
  const auto packed =
      MessageEncoder(2000).pack(std::vector<SpanPtr>{huge, span_of(TraceId::random())});
  EXPECT_EQ(packed.refused, 1u);
  EXPECT_EQ(packed.message,
            "1 spans are larger than a message may be (2000 bytes, "
            "max_message_bytes)");
  EXPECT_EQ(packed.parcels.at(0).spans, 1u);
}

TEST(KafkaMessages, AParcelOfAnotherMakeHasNone) {
  EXPECT_TRUE(messages_of({.bytes = std::string("\xff\xff\0\0abc", 7)}).empty());
  EXPECT_TRUE(messages_of({.bytes = "x"}).empty());
}

}  // namespace
}  // namespace weft::kafka

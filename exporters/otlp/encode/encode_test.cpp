// SPDX-License-Identifier: Apache-2.0
// Compares our bytes with the classes generated from the official .proto files, and our JSON with
// our bytes.
#include <gmock/gmock.h>
#include <google/protobuf/util/json_util.h>
#include <google/protobuf/util/message_differencer.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <opentelemetry/proto/collector/trace/v1/trace_service.pb.h>

#include "agent/base/version.h"
#include "exporters/otlp/encode/json.h"
#include "exporters/otlp/encode/proto.h"
#include "exporters/otlp/encode/sample_spans.h"

namespace weft::otlp {
namespace {

namespace pb = opentelemetry::proto;
using pb::collector::trace::v1::ExportTraceServiceRequest;
using testing::ElementsAre;

ExportTraceServiceRequest decode(const std::string& bytes) {
  ExportTraceServiceRequest request;
  EXPECT_TRUE(request.ParseFromString(bytes));
  EXPECT_EQ(request.ByteSizeLong(), bytes.size());  // no unknown field, no duplicate
  return request;
}

template <class Pairs>
std::map<std::string, pb::common::v1::AnyValue> as_map(const Pairs& pairs) {
  std::map<std::string, pb::common::v1::AnyValue> map;
  for (const auto& pair : pairs) map[pair.key()] = pair.value();
  return map;
}

std::string hex(const std::string& bytes) {
  std::string out;
  for (const char c : bytes) {
    char digits[3];
    snprintf(digits, sizeof digits, "%02x", static_cast<unsigned char>(c));
    out += digits;
  }
  return out;
}

TEST(Proto, NamesThatNoSchemaHasComeWithoutOne) {
  auto resource = std::make_shared<Resource>(*sample_resource("shop"));
  resource->schema_url = {};
  const std::vector<SpanPtr> batch{plain_span(resource, "a")};
  const auto request = decode(ProtoEncoder().encode(batch));
  EXPECT_EQ(request.resource_spans(0).schema_url(), "");
  EXPECT_EQ(request.resource_spans(0).scope_spans(0).schema_url(), "");
  std::string json;
  append_request_json(json, batch);
  EXPECT_EQ(json.find("schemaUrl"), std::string::npos);
}

TEST(Proto, GroupsByResourceWithScopeAndSchema) {
  const auto request = decode(ProtoEncoder().encode(sample_batch()));
  ASSERT_EQ(request.resource_spans_size(), 2);
  std::vector<std::string> services;
  std::vector<int> spans;
  for (const auto& group : request.resource_spans()) {
    services.push_back(as_map(group.resource().attributes())["service.name"].string_value());
    EXPECT_EQ(as_map(group.resource().attributes())["process.pid"].int_value(), 4711);
    EXPECT_EQ(group.schema_url(), "https://opentelemetry.io/schemas/1.44.0");
    ASSERT_EQ(group.scope_spans_size(), 1);
    const auto& scope = group.scope_spans(0);
    EXPECT_EQ(scope.schema_url(), "https://opentelemetry.io/schemas/1.44.0");
    EXPECT_EQ(scope.scope().name(), "weft");
    EXPECT_EQ(scope.scope().version(), kVersion);
    spans.push_back(scope.spans_size());
  }
  EXPECT_THAT(services, ElementsAre("shop", "db"));
  EXPECT_THAT(spans, ElementsAre(2, 1));
}

TEST(Proto, EveryFieldOfASpan) {
  const auto request = decode(ProtoEncoder().encode(sample_batch()));
  const auto& span = request.resource_spans(0).scope_spans(0).spans(0);
  EXPECT_EQ(hex(span.trace_id()), "0af7651916cd43dd8448eb211c80319c");
  EXPECT_EQ(hex(span.span_id()), "b7ad6b7169203331");
  EXPECT_EQ(hex(span.parent_span_id()), "00f067aa0ba902b7");
  EXPECT_EQ(span.trace_state(), "rojo=00f067aa0ba902b7,congo=t61rcWkgMzE");
  EXPECT_EQ(span.name(), "GET \"quoted\"\n\\ żółć");
  EXPECT_EQ(span.kind(), pb::trace::v1::Span::SPAN_KIND_SERVER);
  EXPECT_EQ(span.start_time_unix_nano(), 1'544'712'660'000'000'000u);
  EXPECT_EQ(span.end_time_unix_nano(), 1'544'712'661'000'000'001u);
  EXPECT_EQ(span.flags(), 0x303u);
  EXPECT_EQ(span.status().code(), pb::trace::v1::Status::STATUS_CODE_ERROR);
  EXPECT_EQ(span.status().message(), "broke\x01\x7f");
  EXPECT_EQ(span.dropped_attributes_count(), 4u);
  EXPECT_EQ(span.dropped_events_count(), 5u);
  EXPECT_EQ(span.dropped_links_count(), 6u);
}

TEST(Proto, EveryKindOfSpan) {
  using Proto = pb::trace::v1::Span;
  for (const auto& [kind, expected] : {std::pair(SpanKind::kInternal, Proto::SPAN_KIND_INTERNAL),
                                       std::pair(SpanKind::kServer, Proto::SPAN_KIND_SERVER),
                                       std::pair(SpanKind::kClient, Proto::SPAN_KIND_CLIENT),
                                       std::pair(SpanKind::kProducer, Proto::SPAN_KIND_PRODUCER),
                                       std::pair(SpanKind::kConsumer, Proto::SPAN_KIND_CONSUMER)}) {
    const auto span = plain_span(sample_resource("shop"), "send");
    span->kind = kind;
    const auto request = decode(ProtoEncoder().encode(std::vector<SpanPtr>{span}));
    EXPECT_EQ(request.resource_spans(0).scope_spans(0).spans(0).kind(), expected);
    std::string text;
    append_span_json(text, *span);
    EXPECT_EQ(nlohmann::json::parse(text)["kind"], static_cast<int>(expected));
  }
}

TEST(Proto, EveryTypeOfValue) {
  const auto request = decode(ProtoEncoder().encode(sample_batch()));
  auto value = as_map(request.resource_spans(0).scope_spans(0).spans(0).attributes());
  EXPECT_EQ(value.size(), 12u);
  EXPECT_EQ(value["text"].string_value(), "värde");
  EXPECT_EQ(value["not utf-8"].string_value(), "a\xef\xbf\xbd\xef\xbf\xbdz");
  EXPECT_TRUE(value["empty"].has_string_value());
  EXPECT_TRUE(value["yes"].bool_value());
  EXPECT_TRUE(value["no"].has_bool_value());
  EXPECT_EQ(value["big"].int_value(), std::numeric_limits<int64_t>::max());
  EXPECT_EQ(value["negative"].int_value(), -1);
  EXPECT_EQ(value["pi"].double_value(), 3.141592653589793);
  EXPECT_EQ(value["list"].array_value().values_size(), 3);
  EXPECT_EQ(value["list"].array_value().values(2).string_value(), "ü");
  EXPECT_TRUE(value["no items"].has_array_value());
}

TEST(Proto, TextOfEveryLengthClass) {
  for (const size_t size :
       {0u, 1u, 100u, 126u, 127u, 128u, 129u, 16'380u, 16'383u, 16'384u, 70'000u}) {
    const auto span = plain_span(sample_resource("shop"), "GET");
    const std::string text(size, 'x');
    span->attributes.set("text", text);
    span->attributes.set("list", Value(std::vector<std::string>{text, "", text}));
    span->attributes.set(Key::intern("k\xff"), Value(std::numeric_limits<int64_t>::min()));
    const auto request = decode(ProtoEncoder().encode(std::vector<SpanPtr>{span}));
    auto value = as_map(request.resource_spans(0).scope_spans(0).spans(0).attributes());
    EXPECT_EQ(value["text"].string_value(), text);
    EXPECT_EQ(value["list"].array_value().values(2).string_value(), text);
    EXPECT_EQ(value["k\xef\xbf\xbd"].int_value(), std::numeric_limits<int64_t>::min());
  }
}

TEST(Proto, EventsAndLinks) {
  const auto request = decode(ProtoEncoder().encode(sample_batch()));
  const auto& span = request.resource_spans(0).scope_spans(0).spans(0);
  ASSERT_EQ(span.events_size(), 2);
  EXPECT_EQ(span.events(0).name(), "event");
  EXPECT_EQ(span.events(0).time_unix_nano(), 1'544'712'660'500'000'000u);
  EXPECT_EQ(as_map(span.events(0).attributes())["k"].int_value(), 1);
  EXPECT_EQ(span.events(0).dropped_attributes_count(), 7u);
  ASSERT_EQ(span.links_size(), 1);
  EXPECT_EQ(hex(span.links(0).trace_id()), "0af7651916cd43dd8448eb211c80319c");
  EXPECT_EQ(hex(span.links(0).span_id()), "00f067aa0ba902b7");
  EXPECT_EQ(as_map(span.links(0).attributes())["why"].string_value(), "waited");
  EXPECT_EQ(span.links(0).dropped_attributes_count(), 8u);
}

TEST(Proto, ARootOfThisProcessHasNoParentAndIsNotRemote) {
  const auto request = decode(ProtoEncoder().encode(sample_batch()));
  const auto& span = request.resource_spans(1).scope_spans(0).spans(0);
  EXPECT_EQ(span.parent_span_id(), "");
  EXPECT_EQ(span.flags(), 0x100u);
  EXPECT_FALSE(span.has_status());
}

TEST(Proto, RemembersResourcesWhileTheyLive) {
  ProtoEncoder encoder;
  const auto batch = sample_batch();
  const std::string first = encoder.encode(batch);
  EXPECT_EQ(encoder.encode(batch), first);
  // Many short-lived processes: memory is bounded and no dead resource is mistaken for a new one.
  for (int i = 0; i < 3000; ++i) {
    const std::string service = "service-" + std::to_string(i);
    const std::vector<SpanPtr> one{plain_span(sample_resource(service), "GET")};
    const auto request = decode(encoder.encode(one));
    const auto& attributes = request.resource_spans(0).resource().attributes();
    ASSERT_EQ(as_map(attributes)["service.name"].string_value(), service);
  }
  EXPECT_EQ(encoder.encode(batch), first);
}

// The official JSON reader takes ids as base64; OTLP writes them as hex.
void ids_to_base64(nlohmann::json& node) {
  for (auto& [key, value] : node.items()) {
    if (key == "traceId" || key == "spanId" || key == "parentSpanId") {
      std::string bytes;
      const std::string digits = value;
      for (size_t i = 0; i < digits.size(); i += 2) {
        bytes += static_cast<char>(std::stoi(digits.substr(i, 2), nullptr, 16));
      }
      ExportTraceServiceRequest carrier;  // borrows the library's own base64
      carrier.add_resource_spans()->add_scope_spans()->add_spans()->set_trace_id(bytes);
      std::string json;
      ASSERT_TRUE(google::protobuf::util::MessageToJsonString(carrier, &json).ok());
      const auto parsed = nlohmann::json::parse(json);
      value = parsed["resourceSpans"][0]["scopeSpans"][0]["spans"][0]["traceId"];
    } else if (value.is_structured()) {
      ids_to_base64(value);
    }
  }
}

TEST(Json, SaysTheSameAsTheProtobuf) {
  const auto batch = sample_batch();
  std::string text;
  append_request_json(text, batch);
  auto json = nlohmann::json::parse(text);
  ids_to_base64(json);
  ExportTraceServiceRequest from_json;
  const auto status = google::protobuf::util::JsonStringToMessage(json.dump(), &from_json);
  ASSERT_TRUE(status.ok()) << status.ToString();
  const auto from_proto = decode(ProtoEncoder().encode(batch));
  google::protobuf::util::MessageDifferencer differencer;
  std::string differences;
  differencer.ReportDifferencesToString(&differences);
  EXPECT_TRUE(differencer.Compare(from_proto, from_json)) << differences;
}

TEST(Json, FollowsTheRulesOfOtlp) {
  std::string text;
  append_request_json(text, sample_batch());
  EXPECT_EQ(text.find('\n'), std::string::npos);
  const auto json = nlohmann::json::parse(text);
  const auto& span = json["resourceSpans"][0]["scopeSpans"][0]["spans"][0];
  EXPECT_EQ(span["traceId"], "0af7651916cd43dd8448eb211c80319c");
  EXPECT_EQ(span["kind"], 2);
  EXPECT_EQ(span["status"]["code"], 2);
  EXPECT_EQ(span["startTimeUnixNano"], "1544712660000000000");
  EXPECT_EQ(span["flags"], 0x303);
  EXPECT_EQ(json["resourceSpans"][0]["resource"]["attributes"][1]["value"]["intValue"], "4711");
}

TEST(Json, OneSpanAloneCarriesItsResource) {
  std::string text;
  append_span_json(text, *sample_batch()[1]);
  const auto json = nlohmann::json::parse(text);
  EXPECT_EQ(json["name"], "SELECT");
  EXPECT_EQ(json["resource"]["attributes"][0]["value"]["stringValue"], "db");
}

}  // namespace
}  // namespace weft::otlp

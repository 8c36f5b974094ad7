// SPDX-License-Identifier: Apache-2.0
// Our bytes, read by a reader that shares nothing with the writer.
#include "exporters/jaeger/encoder.h"

#include <cmath>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "agent/base/version.h"
#include "exporters/jaeger/thrift_reader.h"
#include "exporters/otlp/encode/sample_spans.h"

namespace weft::jaeger {
namespace {

using otlp::full_span;
using otlp::plain_span;
using otlp::sample_resource;
using testing::ElementsAre;

ThriftValue batch_of(const std::vector<std::shared_ptr<Span>>& spans) {
  std::vector<const Span*> pointers;
  for (const auto& span : spans) pointers.push_back(span.get());
  return ThriftReader::read(Encoder().encode(spans.front()->resource, pointers));
}

ThriftValue encoded(const std::shared_ptr<Span>& span) {
  return batch_of({span})[2].items.at(0);
}

// Tags or a log's fields: key → value, whose type has been checked against vType.
std::map<std::string, ThriftValue> tags_of(const ThriftValue& list) {
  static const std::map<int64_t, std::pair<int, int>> kFieldAndType = {
      {0, {3, 11}}, {1, {4, 4}}, {2, {5, 2}}, {3, {6, 10}}};
  std::map<std::string, ThriftValue> out;
  for (const ThriftValue& tag : list.items) {
    const auto [field, type] = kFieldAndType.at(tag[2].number);
    EXPECT_EQ(tag.fields.size(), 3u);
    EXPECT_EQ(tag[field].type, type);
    EXPECT_TRUE(out.emplace(tag[1].text, tag[field]).second) << tag[1].text << " twice";
  }
  return out;
}

std::shared_ptr<Span> plain() {
  return plain_span(sample_resource("shop"), "GET");
}

TEST(Jaeger, NoTagsAndNoSpansAreTheseBytes) {
  auto resource = std::make_shared<Resource>();
  resource->attributes.set(semconv::kServiceName, "a");
  const std::string bytes = Encoder().encode(resource, std::vector<const Span*>{});
  EXPECT_EQ(bytes, std::string("\x0c\0\1"                 // 1: struct Process
                               "\x0b\0\1\0\0\0\1a"        // 1: "a"
                               "\x0f\0\2\x0c\0\0\0\0\0"   // 2: no tags; end
                               "\x0f\0\2\x0c\0\0\0\0\0",  // 2: no spans; end
                               29));
}

TEST(Jaeger, OneProcessWithItsSpans) {
  const auto resource = sample_resource("shop");
  const auto batch = batch_of({plain_span(resource, "a"), plain_span(resource, "b")});
  EXPECT_EQ(batch[1][1].text, "shop");
  const auto tags = tags_of(batch[1][2]);
  EXPECT_EQ(tags.at("process.pid").number, 4711);
  EXPECT_FALSE(tags.contains("service.name"));
  ASSERT_EQ(batch[2].items.size(), 2u);
  EXPECT_EQ(batch[2].items[1][5].text, "b");
}

TEST(Jaeger, IdsNamesAndTimes) {
  const auto span = encoded(full_span(sample_resource("shop")));
  EXPECT_EQ(static_cast<uint64_t>(span[2].number), 0x0af7651916cd43ddu);
  EXPECT_EQ(static_cast<uint64_t>(span[1].number), 0x8448eb211c80319cu);
  EXPECT_EQ(static_cast<uint64_t>(span[3].number), 0xb7ad6b7169203331u);
  EXPECT_EQ(span[4].number, 0x00f067aa0ba902b7);
  EXPECT_EQ(span[5].text, "GET \"quoted\"\n\\ żółć");
  EXPECT_EQ(span[7].number, 1);  // W3C's second flag is not Jaeger's "debug"
  EXPECT_EQ(span[8].number, 1'544'712'660'000'000);
  EXPECT_EQ(span[9].number, 1'000'000);
}

TEST(Jaeger, TheParentAndLinksAreReferences) {
  const auto references = encoded(full_span(sample_resource("shop")))[6].items;
  ASSERT_EQ(references.size(), 2u);
  EXPECT_EQ(references[0][1].number, 0);  // CHILD_OF
  EXPECT_EQ(static_cast<uint64_t>(references[0][3].number), 0x0af7651916cd43ddu);
  EXPECT_EQ(references[0][4].number, 0x00f067aa0ba902b7);
  EXPECT_EQ(references[1][1].number, 1);  // FOLLOWS_FROM
  EXPECT_EQ(static_cast<uint64_t>(references[1][2].number), 0x8448eb211c80319cu);
  EXPECT_EQ(references[1][4].number, 0x00f067aa0ba902b7);
}

TEST(Jaeger, ARootHasNeitherReferencesNorLogs) {
  const auto span = encoded(plain());
  EXPECT_EQ(span[4].number, 0);
  EXPECT_EQ(span[7].number, 0);
  EXPECT_FALSE(span.fields.contains(6));
  EXPECT_FALSE(span.fields.contains(11));
}

TEST(Jaeger, EveryTypeOfValue) {
  const auto tags = tags_of(encoded(full_span(sample_resource("shop")))[10]);
  EXPECT_EQ(tags.at("text").text, "värde");
  EXPECT_EQ(tags.at("not utf-8").text, "a\xef\xbf\xbd\xef\xbf\xbdz");
  EXPECT_EQ(tags.at("empty").text, "");
  EXPECT_EQ(tags.at("yes").number, 1);
  EXPECT_EQ(tags.at("no").number, 0);
  EXPECT_EQ(tags.at("no").type, 2);
  EXPECT_EQ(tags.at("big").number, std::numeric_limits<int64_t>::max());
  EXPECT_EQ(tags.at("negative").number, -1);
  EXPECT_EQ(tags.at("pi").real, 3.141592653589793);
  EXPECT_EQ(tags.at("infinite").real, -std::numeric_limits<double>::infinity());
  EXPECT_EQ(tags.at("list").text, R"(["a","","ü"])");
  EXPECT_EQ(tags.at("no items").text, "[]");
}

TEST(Jaeger, WhatOtherFieldsHaveNoPlaceForIsTags) {
  const auto tags = tags_of(encoded(full_span(sample_resource("shop")))[10]);
  EXPECT_EQ(tags.at("span.kind").text, "server");
  EXPECT_EQ(tags.at("otel.status_code").text, "ERROR");
  EXPECT_EQ(tags.at("otel.status_description").text, "broke\x01\x7f");
  EXPECT_EQ(tags.at("error").number, 1);
  EXPECT_EQ(tags.at("error").type, 2);
  EXPECT_EQ(tags.at("w3c.tracestate").text, "rojo=00f067aa0ba902b7,congo=t61rcWkgMzE");
  EXPECT_EQ(tags.at("otel.scope.name").text, "weft");
  EXPECT_EQ(tags.at("otel.scope.version").text, kVersion);
  EXPECT_EQ(tags.at("otel.library.name").text, "weft");
  EXPECT_EQ(tags.at("otel.library.version").text, kVersion);
  EXPECT_EQ(tags.at("otel.dropped_attributes_count").number, 4);
  EXPECT_EQ(tags.at("otel.dropped_events_count").number, 5);
  EXPECT_EQ(tags.at("otel.dropped_links_count").number, 6);
}

TEST(Jaeger, EventsAreLogs) {
  const auto logs = encoded(full_span(sample_resource("shop")))[11].items;
  ASSERT_EQ(logs.size(), 2u);
  EXPECT_EQ(logs[0][1].number, 1'544'712'660'500'000);
  const auto fields = tags_of(logs[0][2]);
  EXPECT_EQ(fields.at("event").text, "event");
  EXPECT_EQ(fields.at("k").number, 1);
  EXPECT_EQ(fields.at("otel.dropped_attributes_count").number, 7);
  EXPECT_EQ(tags_of(logs[1][2]).at("event").text, "bare");
}

TEST(Jaeger, EveryKindHasItsName) {
  for (const auto& [kind, name] :
       {std::pair(SpanKind::kInternal, "internal"), std::pair(SpanKind::kServer, "server"),
        std::pair(SpanKind::kClient, "client"), std::pair(SpanKind::kProducer, "producer"),
        std::pair(SpanKind::kConsumer, "consumer")}) {
    const auto span = plain();
    span->kind = kind;
    EXPECT_EQ(tags_of(encoded(span)[10]).at("span.kind").text, name);
  }
}

TEST(Jaeger, StatusTags) {
  const auto span = plain();
  span->attributes.set("error", "mine");
  auto tags = tags_of(encoded(span)[10]);
  EXPECT_FALSE(tags.contains("otel.status_code"));
  EXPECT_EQ(tags.at("error").text, "mine");
  span->status = StatusCode::kOk;
  tags = tags_of(encoded(span)[10]);
  EXPECT_EQ(tags.at("otel.status_code").text, "OK");
  EXPECT_EQ(tags.at("error").text, "mine");
  span->status = StatusCode::kError;
  tags = tags_of(encoded(span)[10]);
  EXPECT_EQ(tags.at("error").number, 1);
  EXPECT_FALSE(tags.contains("otel.status_description"));
}

TEST(Jaeger, NastyValues) {
  const auto span = plain();
  std::string all;
  for (int c = 0; c < 256; ++c) all += static_cast<char>(c);
  span->name = all;
  span->trace_flags = 0xff;
  span->end = span->start - 1;
  span->attributes.set(Key::intern("nasty\xff"), Value(all));
  span->attributes.set("nan", Value(std::numeric_limits<double>::quiet_NaN()));
  span->attributes.set("least", Value(std::numeric_limits<int64_t>::min()));
  span->attributes.set("long", Value(std::string(100'000, 'x')));
  span->events.push_back({.time = 0, .name = ""});
  const auto out = encoded(span);
  EXPECT_EQ(out[5].text.substr(0, 128), all.substr(0, 128));
  EXPECT_EQ(out[7].number, 1);
  EXPECT_EQ(out[9].number, 0);
  const auto tags = tags_of(out[10]);
  EXPECT_EQ(tags.at("nasty\xef\xbf\xbd").text, out[5].text);
  EXPECT_TRUE(std::isnan(tags.at("nan").real));
  EXPECT_EQ(tags.at("least").number, std::numeric_limits<int64_t>::min());
  EXPECT_EQ(tags.at("long").text.size(), 100'000u);
  EXPECT_EQ(tags_of(out[11].items.at(0)[2]).at("event").text, "");
}

TEST(Jaeger, AnEmptyNameStaysEmpty) {
  const auto span = plain();
  span->name = "";
  EXPECT_EQ(encoded(span)[5].text, "");
}

}  // namespace
}  // namespace weft::jaeger

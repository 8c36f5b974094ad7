// SPDX-License-Identifier: Apache-2.0
// Spans larger than a datagram.
#include "exporters/xray/encoder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "exporters/xray/test_spans.h"

namespace weft::xray {
namespace {

using nlohmann::json;

// All metadata, annotations and links of all documents.
struct Arrived {
  json metadata = json::object();
  json annotations = json::object();
  json links = json::array();
};

Arrived collect(const std::vector<std::string>& all) {
  Arrived arrived;
  for (const std::string& datagram : all) {
    const json d = document(datagram);
    if (d.contains("metadata")) arrived.metadata.update(d["metadata"]["default"]);
    if (d.contains("annotations")) arrived.annotations.update(d["annotations"]);
    for (const json& link : d.value("links", json::array())) arrived.links.push_back(link);
  }
  return arrived;
}

std::vector<std::string> encoded(const Span& span, std::vector<std::string> annotations = {}) {
  SegmentEncoder encoder(std::move(annotations));
  std::string frames;
  EXPECT_TRUE(encoder.append(frames, span));
  return datagrams(frames);
}

TEST(LargeSpan, EveryAttributeArrives) {
  const auto span = http_server(503);
  for (int i = 0; i < 100; ++i) {
    span->attributes.set(Key::intern("key." + std::to_string(i)), std::string(3000, 'v'));
  }
  const auto all = encoded(*span, {"http.route"});
  EXPECT_GT(all.size(), 4u);
  for (const std::string& datagram : all) EXPECT_LE(datagram.size(), kMaxDatagram);
  const Arrived arrived = collect(all);
  for (int i = 0; i < 100; ++i) {
    EXPECT_EQ(arrived.metadata.value("key." + std::to_string(i), ""), std::string(3000, 'v'));
  }
  EXPECT_EQ(arrived.metadata["server.port"], 8080);
  EXPECT_EQ(arrived.metadata["otel.resource.process.pid"], 4711);
  EXPECT_EQ(arrived.annotations["http.route"], "/cart/{id}");
}

TEST(LargeSpan, TheRestIsBelowTheSpansOwnSegment) {
  const auto span = http_server(503);
  span->attributes.set("one", std::string(40'000, '1'));
  span->attributes.set("two", std::string(40'000, '2'));
  const auto all = encoded(*span);
  ASSERT_EQ(all.size(), 2u);
  const json first = document(all[0]);
  const json second = document(all[1]);
  EXPECT_EQ(first["name"], "shop");
  EXPECT_EQ(first["fault"], true);
  EXPECT_EQ(first["http"]["response"]["status"], 503);
  EXPECT_EQ(second["name"], "attributes continued");
  EXPECT_EQ(second["type"], "subsegment");
  EXPECT_EQ(second["trace_id"], first["trace_id"]);
  EXPECT_EQ(second["parent_id"], first["id"]);
  EXPECT_NE(second["id"], first["id"]);
  EXPECT_EQ(second["start_time"], first["start_time"]);
}

TEST(LargeSpan, LongTextsOfFieldsMoveToTheMetadata) {
  const auto span = postgres_client();
  const std::string query = "SELECT " + std::string(50'000, 'q');
  span->attributes.set(semconv::kDbQueryText, query);
  span->attributes.set("more", std::string(50'000, 'm'));
  span->status = StatusCode::kError;
  span->status_message = std::string(50'000, 's');
  const auto all = encoded(*span);
  const Arrived arrived = collect(all);
  EXPECT_EQ(arrived.metadata["db.query.text"], query);
  EXPECT_EQ(arrived.metadata["otel.status_description"], span->status_message);
  EXPECT_EQ(document(all[0])["sql"]["database_type"], "postgresql");
}

TEST(LargeSpan, EventsAndLinksAreSpreadToo) {
  const auto span = span_of(SpanKind::kInternal);
  for (int i = 0; i < 30; ++i) {
    SpanEvent event{.time = 1, .name = "exception"};
    event.attributes.set("exception.stacktrace", std::string(5000, 't'));
    span->events.push_back(event);
    SpanLink link{.trace = TraceId::random(), .span = SpanId::random()};
    link.attributes.set("note", std::string(5000, 'n'));
    span->links.push_back(link);
  }
  const Arrived arrived = collect(encoded(*span));
  EXPECT_EQ(arrived.links.size(), 30u);
  for (int i = 0; i < 30; ++i) {
    EXPECT_TRUE(arrived.metadata.contains("otel.event." + std::to_string(i))) << i;
  }
}

TEST(LargeSpan, WhatNoDatagramHoldsIsRefusedAndLeavesNothing) {
  const auto span = http_server(200);
  span->attributes.set("small", "x");
  span->attributes.set("huge", std::string(kMaxDatagram, 'h'));
  SegmentEncoder encoder({});
  std::string frames = "before";
  EXPECT_FALSE(encoder.append(frames, *span));
  EXPECT_EQ(frames, "before");
}

TEST(LargeSpan, AnySizeIsEitherHeldOrRefused) {
  SegmentEncoder encoder({});
  for (size_t size = kMaxDatagram - 1200; size < kMaxDatagram; size += 13) {
    const auto span = http_server(200);
    span->attributes.set("text", std::string(size, 't'));
    std::string frames;
    if (!encoder.append(frames, *span)) continue;
    const auto all = datagrams(frames);
    for (const std::string& datagram : all) ASSERT_LE(datagram.size(), kMaxDatagram) << size;
    ASSERT_EQ(collect(all).metadata["text"].get<std::string>().size(), size);
  }
}

}  // namespace
}  // namespace weft::xray

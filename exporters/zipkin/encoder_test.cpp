// SPDX-License-Identifier: Apache-2.0
#include "exporters/zipkin/encoder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "agent/base/version.h"
#include "exporters/otlp/encode/sample_spans.h"

namespace weft::zipkin {
namespace {

using nlohmann::json;
using otlp::full_span;
using otlp::plain_span;
using otlp::sample_resource;

json encoded(std::vector<SpanPtr> batch) {
  return json::parse(Encoder().encode(batch));  // throws on invalid UTF-8 too
}

json encoded(const std::shared_ptr<Span>& span) {
  return encoded(std::vector<SpanPtr>{span}).at(0);
}

std::shared_ptr<Span> plain() {
  return plain_span(sample_resource("shop"), "GET");
}

TEST(Zipkin, APlainSpanIsThisText) {
  const std::string version = kVersion;
  EXPECT_EQ(
      Encoder().encode(std::vector<SpanPtr>{plain()}),
      R"([{"traceId":"0af7651916cd43dd8448eb211c80319c","id":"b7ad6b7169203331","name":"GET",)"
      R"("kind":"CLIENT","timestamp":1544712660000000,"duration":1000000,)"
      R"("localEndpoint":{"serviceName":"shop"},"tags":{"otel.scope.name":"weft",)"
      R"("otel.scope.version":")" +
          version +
          R"(","otel.library.name":"weft",)"
          R"("otel.library.version":")" +
          version + R"(","process.pid":"4711"}}])");
}

TEST(Zipkin, SpansKeepTheOrderOfTheBatchAndTheirServices) {
  const json spans = encoded(otlp::sample_batch());
  ASSERT_EQ(spans.size(), 3u);
  EXPECT_EQ(spans[0]["localEndpoint"]["serviceName"], "shop");
  EXPECT_EQ(spans[1]["localEndpoint"]["serviceName"], "db");
  EXPECT_EQ(spans[2]["localEndpoint"]["serviceName"], "shop");
}

TEST(Zipkin, EveryFieldOfASpan) {
  const json span = encoded(full_span(sample_resource("shop")));
  EXPECT_EQ(span["parentId"], "00f067aa0ba902b7");
  EXPECT_EQ(span["name"], "GET \"quoted\"\n\\ żółć");
  EXPECT_EQ(span["kind"], "SERVER");
  EXPECT_FALSE(span.contains("shared"));
  EXPECT_FALSE(span.contains("remoteEndpoint"));
  const json& tags = span["tags"];
  EXPECT_EQ(tags["process.pid"], "4711");
  EXPECT_FALSE(tags.contains("service.name"));
  EXPECT_EQ(tags["w3c.tracestate"], "rojo=00f067aa0ba902b7,congo=t61rcWkgMzE");
  EXPECT_EQ(tags["otel.status_code"], "ERROR");
  EXPECT_EQ(tags["error"], "broke\x01\x7f");
  EXPECT_EQ(tags["otel.dropped_attributes_count"], "4");
  EXPECT_EQ(tags["otel.dropped_events_count"], "5");
  EXPECT_EQ(tags["otel.dropped_links_count"], "6");
  EXPECT_EQ(tags["otlp.link.0"],
            "0af7651916cd43dd8448eb211c80319c|00f067aa0ba902b7||{\"why\":\"waited\"}|8");
}

TEST(Zipkin, EveryTypeOfValueIsText) {
  const json tags = encoded(full_span(sample_resource("shop")))["tags"];
  EXPECT_EQ(tags["text"], "värde");
  EXPECT_EQ(tags["not utf-8"], "a\xef\xbf\xbd\xef\xbf\xbdz");
  EXPECT_EQ(tags["empty"], "");
  EXPECT_EQ(tags["yes"], "true");
  EXPECT_EQ(tags["no"], "false");
  EXPECT_EQ(tags["big"], "9223372036854775807");
  EXPECT_EQ(tags["negative"], "-1");
  EXPECT_EQ(tags["pi"], "3.141592653589793");
  EXPECT_EQ(tags["infinite"], "-Infinity");
  EXPECT_EQ(tags["list"], R"(["a","","ü"])");
  EXPECT_EQ(tags["no items"], "[]");
}

TEST(Zipkin, EventsAreAnnotations) {
  const json annotations = encoded(full_span(sample_resource("shop")))["annotations"];
  ASSERT_EQ(annotations.size(), 2u);
  EXPECT_EQ(annotations[0]["timestamp"], 1'544'712'660'500'000);
  EXPECT_EQ(annotations[0]["value"], R"("event": {"k":1,"otel.dropped_attributes_count":7})");
  EXPECT_EQ(annotations[1]["value"], "bare");
}

TEST(Zipkin, AnInternalRootWithoutANameHasNoneOfThese) {
  const auto span = plain();
  span->kind = SpanKind::kInternal;
  span->name = "";
  const json out = encoded(span);
  for (const char* absent : {"kind", "name", "parentId", "annotations", "remoteEndpoint"}) {
    EXPECT_FALSE(out.contains(absent)) << absent;
  }
  for (const char* absent : {"error", "otel.status_code", "w3c.tracestate", "otlp.link.0"}) {
    EXPECT_FALSE(out["tags"].contains(absent)) << absent;
  }
}

TEST(Zipkin, KindsHaveTheirNames) {
  for (const auto& [kind, name] :
       {std::pair(SpanKind::kServer, "SERVER"), std::pair(SpanKind::kClient, "CLIENT"),
        std::pair(SpanKind::kProducer, "PRODUCER"), std::pair(SpanKind::kConsumer, "CONSUMER")}) {
    const auto span = plain();
    span->kind = kind;
    EXPECT_EQ(encoded(span)["kind"], name);
  }
}

TEST(Zipkin, NoDurationIsShorterThanAMicrosecond) {
  const auto span = plain();
  for (const auto& [ns, us] :
       {std::pair(0u, 1u), std::pair(999u, 1u), std::pair(1999u, 1u), std::pair(2000u, 2u)}) {
    span->end = span->start + ns;
    EXPECT_EQ(encoded(span)["duration"], us) << ns;
  }
  span->end = span->start - 1;
  EXPECT_EQ(encoded(span)["duration"], 1);
}

TEST(Zipkin, TheTagErrorMarksFailedSpansAlone) {
  const auto span = plain();
  span->attributes.set("error", Value(false));
  EXPECT_FALSE(encoded(span)["tags"].contains("error"));
  span->status = StatusCode::kOk;
  EXPECT_EQ(encoded(span)["tags"]["otel.status_code"], "OK");
  span->attributes.set("error", "mine");
  EXPECT_EQ(encoded(span)["tags"]["error"], "mine");
  span->status = StatusCode::kError;
  EXPECT_EQ(encoded(span)["tags"]["error"], "");  // no description
}

TEST(Zipkin, NastyTextStaysValidJson) {
  const auto span = plain();
  std::string all;
  for (int c = 0; c < 256; ++c) all += static_cast<char>(c);
  span->name = all;
  span->attributes.set(Key::intern("nasty \"key\"\x01\xff"), Value(all));
  span->attributes.set("nan", Value(std::numeric_limits<double>::quiet_NaN()));
  span->attributes.set("least", Value(std::numeric_limits<int64_t>::min()));
  span->attributes.set("list", Value(std::vector<std::string>{"\"\\\n\xff"}));
  span->events.push_back({.time = 1, .name = all});
  const json out = encoded(span);
  EXPECT_EQ(out["name"].get<std::string>().substr(0, 128), all.substr(0, 128));
  EXPECT_EQ(out["tags"]["nasty \"key\"\x01\xef\xbf\xbd"], out["name"]);
  EXPECT_EQ(out["annotations"][0]["value"], out["name"]);
  EXPECT_EQ(out["tags"]["nan"], "NaN");
  EXPECT_EQ(out["tags"]["least"], "-9223372036854775808");
  EXPECT_EQ(json::parse(out["tags"]["list"].get<std::string>())[0], "\"\\\n\xef\xbf\xbd");
}

TEST(Zipkin, EveryByteAtEveryPlaceOfEveryShortText) {
  for (size_t size = 1; size < 18; ++size) {
    std::vector<SpanPtr> batch;
    for (size_t i = 0; i < 128 * size; ++i) {
      const auto span = plain();
      span->name = std::string("abcdefghijklmnopqr").substr(0, size);
      span->name[i / 128] = static_cast<char>(i % 128);
      batch.push_back(span);
    }
    const json spans = encoded(batch);
    for (size_t i = 0; i < batch.size(); ++i) ASSERT_EQ(spans[i]["name"], batch[i]->name) << i;
  }
}

struct Remote {
  std::vector<std::pair<const char*, Value>> attributes;
  const char* endpoint;
};

TEST(Zipkin, TheRemoteEndpointByRank) {
  const auto text = [](const char* value) { return Value(std::string(value)); };
  const Remote cases[] = {
      {{{"db.name", text("orders")}}, R"({"serviceName":"orders"})"},
      {{{"db.name", text("orders")}, {"peer.hostname", text("h")}}, R"({"serviceName":"h"})"},
      {{{"network.peer.address", text("10.0.0.1")}, {"network.peer.port", Value(int64_t{80})}},
       R"({"ipv4":"10.0.0.1","port":80})"},
      {{{"network.peer.address", text("10.0.0.1")}, {"network.peer.port", Value(int64_t{0})}},
       R"({"ipv4":"10.0.0.1"})"},
      {{{"network.peer.address", text("10.0.0.1")}, {"network.peer.port", Value(int64_t{65536})}},
       R"({"ipv4":"10.0.0.1"})"},
      {{{"network.peer.address", text("fd00::1")}, {"network.peer.port", Value(int64_t{443})}},
       R"({"ipv6":"fd00::1","port":443})"},
      {{{"network.peer.address", text("/run/x.sock")}, {"db.name", text("orders")}},
       R"({"serviceName":"orders"})"},
      {{{"network.peer.address", text("10.0.0.1")},
        {"server.address", text("stock")},
        {"server.port", Value(int64_t{8080})}},
       R"({"serviceName":"stock","port":8080})"},
      {{{"server.address", text("::1")}}, R"({"serviceName":"::1","ipv6":"::1"})"},
      {{{"server.address", text("stock")}, {"peer.service", text("Stock")}},
       R"({"serviceName":"Stock"})"},
      {{{"peer.service", text("")},
        {"net.sock.peer.addr", text("1.2.3.4")},
        {"net.sock.peer.port", text("80")}},
       R"({"ipv4":"1.2.3.4"})"},
  };
  for (const Remote& remote : cases) {
    const auto span = plain();
    for (const auto& [key, value] : remote.attributes)
      span->attributes.set(Key::intern(key), value);
    EXPECT_EQ(encoded(span)["remoteEndpoint"], json::parse(remote.endpoint)) << remote.endpoint;
    span->kind = SpanKind::kProducer;
    EXPECT_TRUE(encoded(span).contains("remoteEndpoint"));
    span->kind = SpanKind::kConsumer;
    EXPECT_FALSE(encoded(span).contains("remoteEndpoint"));
  }
}

TEST(Zipkin, APeerThatNothingNamesIsLeftOut) {
  const auto span = plain();
  span->attributes.set("network.peer.address", "/run/x.sock");
  span->attributes.set("server.address", Value(int64_t{1}));
  EXPECT_FALSE(encoded(span).contains("remoteEndpoint"));
}

}  // namespace
}  // namespace weft::zipkin

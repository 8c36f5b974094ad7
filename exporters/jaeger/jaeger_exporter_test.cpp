// SPDX-License-Identifier: Apache-2.0
// The exporter against HTTP servers: one that takes Thrift, and what else may answer.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "agent/port/exporter.h"
#include "exporters/jaeger/thrift_reader.h"
#include "exporters/otlp/encode/sample_spans.h"
#include "tests/support/post_server.h"

namespace weft::exporters::jaeger {

std::span<const ExporterKind> kinds();

namespace {

using namespace std::chrono_literals;
using weft::jaeger::ThriftReader;
using Kind = Delivery::Kind;

constexpr char kPath[] = "/api/traces";
constexpr char kExpected[] =
    "; expected a Jaeger collector that takes Thrift at POST /api/traces there";

Delivery send_to(const std::string& url) {
  const auto exporter = kinds()[0].make({.values = {{"endpoint", url}}});
  EXPECT_TRUE(exporter.has_value());
  return (*exporter)->deliver(otlp::sample_batch(), Deadline::in(1min));
}

TEST(JaegerExporter, PostsABatchForEachService) {
  PostServer server(kPath, answer(202));
  const auto delivery = send_to(server.url());
  EXPECT_EQ(delivery.kind, Kind::kDelivered);
  EXPECT_EQ(delivery.message, "");
  ASSERT_EQ(server.requests.size(), 2u);
  EXPECT_EQ(server.requests[0].get_header_value("Content-Type"),
            "application/vnd.apache.thrift.binary");
  const auto shop = ThriftReader::read(server.requests[0].body);
  const auto db = ThriftReader::read(server.requests[1].body);
  EXPECT_EQ(shop[1][1].text, "shop");
  EXPECT_EQ(shop[2].items.size(), 2u);
  EXPECT_EQ(db[1][1].text, "db");
  EXPECT_EQ(db[2].items.size(), 1u);
}

TEST(JaegerExporter, PacksWithoutSending) {
  const auto exporter = kinds()[0].make({});
  auto& sender = dynamic_cast<Sender&>(**exporter);
  const auto packed = sender.pack(otlp::sample_batch());
  ASSERT_EQ(packed.parcels.size(), 2u);
  EXPECT_EQ(packed.parcels[0].spans, 2u);
  EXPECT_EQ(packed.parcels[1].spans, 1u);
  EXPECT_TRUE(sender.pack({}).parcels.empty());
  EXPECT_EQ(sender.format(), "jaeger thrift");
}

TEST(JaegerExporter, TheCollectorsOwnRefusalIsTold) {
  PostServer server(kPath, answer(400, "Unable to process request body: EOF\n"));
  const auto delivery = send_to(server.url());
  EXPECT_EQ(delivery.kind, Kind::kRefused);
  EXPECT_EQ(delivery.message, "server answered HTTP 400: Unable to process request body: EOF");
}

TEST(JaegerExporter, WhoeverElseAnswersIsTold) {
  PostServer server("/v1/traces", answer(200));  // OTLP's port
  const auto delivery = send_to(server.origin() + kPath);
  EXPECT_EQ(delivery.kind, Kind::kRefused);
  EXPECT_EQ(delivery.message, std::string("server answered HTTP 404") + kExpected);
}

TEST(JaegerExporter, OptionsNameTheirVariables) {
  std::map<std::string_view, std::string_view> variables;
  for (const ExporterOption& option : kinds()[0].options) variables[option.key] = option.variable;
  EXPECT_EQ(variables["endpoint"], "OTEL_EXPORTER_JAEGER_ENDPOINT");
  EXPECT_EQ(variables["timeout"], "OTEL_EXPORTER_JAEGER_TIMEOUT");
}

}  // namespace
}  // namespace weft::exporters::jaeger

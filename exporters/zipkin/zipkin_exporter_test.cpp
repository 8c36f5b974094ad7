// SPDX-License-Identifier: Apache-2.0
// The exporter against HTTP servers: one that takes spans, and what else may answer.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "agent/http/poster.h"
#include "agent/port/exporter.h"
#include "exporters/otlp/encode/sample_spans.h"
#include "tests/support/post_server.h"

namespace weft::exporters::zipkin {

std::span<const ExporterKind> kinds();

namespace {

using namespace std::chrono_literals;
using Kind = Delivery::Kind;
using testing::StartsWith;

constexpr char kPath[] = "/api/v2/spans";
constexpr char kExpected[] = "; expected a Zipkin server at POST /api/v2/spans there";

Delivery send_to(const std::string& url, ExporterSettings settings = {}) {
  settings.values["endpoint"] = url;
  const auto exporter = kinds()[0].make(settings);
  EXPECT_TRUE(exporter.has_value());
  return (*exporter)->deliver(otlp::sample_batch(), Deadline::in(1min));
}

TEST(ZipkinExporter, PostsOneArray) {
  PostServer server(kPath, answer(202));
  const auto delivery = send_to(server.url(), {.values = {}, .headers = {{"b3", "0"}}});
  EXPECT_EQ(delivery.kind, Kind::kDelivered);
  EXPECT_EQ(delivery.message, "");
  ASSERT_EQ(server.requests.size(), 1u);
  EXPECT_EQ(server.requests[0].get_header_value("Content-Type"), "application/json");
  EXPECT_EQ(server.requests[0].get_header_value("b3"), "0");
  EXPECT_EQ(nlohmann::json::parse(server.requests[0].body).size(), 3u);
}

TEST(ZipkinExporter, Compresses) {
  PostServer server(kPath, answer(202));
  EXPECT_EQ(send_to(server.url(), {.values = {{"compression", "gzip"}}}).kind, Kind::kDelivered);
  EXPECT_EQ(server.requests.at(0).get_header_value("Content-Encoding"), "gzip");
  // decompressed by the server
  EXPECT_EQ(nlohmann::json::parse(server.requests[0].body).size(), 3u);
}

TEST(ZipkinExporter, AnEmptyBatchIsNotSent) {
  PostServer server(kPath, answer(202));
  const auto exporter = kinds()[0].make({.values = {{"endpoint", server.url()}}});
  EXPECT_EQ((*exporter)->deliver({}, Deadline::in(1min)).kind, Kind::kDelivered);
  EXPECT_TRUE(server.requests.empty());
}

TEST(ZipkinExporter, TheServersOwnRefusalIsTold) {
  PostServer server(kPath, answer(400, "Cannot decode spans due to x\n"));
  const auto delivery = send_to(server.url());
  EXPECT_EQ(delivery.kind, Kind::kRefused);
  EXPECT_EQ(delivery.message, "server answered HTTP 400: Cannot decode spans due to x");
}

TEST(ZipkinExporter, ARefusalInJsonIsAStrangers) {
  PostServer server(kPath, answer(400, R"({"code":3})", "application/json"));
  const auto delivery = send_to(server.url());
  EXPECT_EQ(delivery.kind, Kind::kRefused);
  EXPECT_EQ(delivery.message, std::string(R"(server answered HTTP 400: {"code":3})") + kExpected);
}

TEST(ZipkinExporter, AMissingPasswordIsNoWrongServer) {
  PostServer server(kPath, answer(401, "no token"));
  const auto delivery = send_to(server.url());
  EXPECT_EQ(delivery.kind, Kind::kRefused);
  EXPECT_EQ(delivery.message,
            "server answered HTTP 401: no token; expected credentials it accepts");
}

TEST(ZipkinExporter, WhoeverElseAnswersIsTold) {
  for (const int status : {404, 405, 415, 501}) {
    PostServer server(kPath, answer(status, "what?"));
    const auto delivery = send_to(server.url());
    EXPECT_EQ(delivery.kind, Kind::kRefused);
    EXPECT_EQ(delivery.message,
              "server answered HTTP " + std::to_string(status) + ": what?" + kExpected);
  }
}

TEST(ZipkinExporter, AWebPageIsNoSuccess) {
  PostServer server(kPath, answer(200, "<html>Welcome</html>", "text/html; charset=utf-8"));
  const auto delivery = send_to(server.url());
  EXPECT_EQ(delivery.kind, Kind::kRefused);
  EXPECT_EQ(delivery.message, std::string("server answered HTTP 200 with a web page") + kExpected);
}

TEST(ZipkinExporter, AForgottenPathIsTold) {
  PostServer server(kPath, answer(202));
  const auto delivery = send_to(server.origin());
  EXPECT_EQ(delivery.kind, Kind::kRefused);
  EXPECT_EQ(delivery.message, std::string("server answered HTTP 404") + kExpected);
}

TEST(ZipkinExporter, ABusyServerIsTriedAgain) {
  PostServer server(kPath, [](const auto&, auto& response) {
    response.status = 503;
    response.set_header("Retry-After", "7");
  });
  const auto delivery = send_to(server.url());
  EXPECT_EQ(delivery.kind, Kind::kRetry);
  EXPECT_EQ(delivery.retry_after, 7s);
  EXPECT_EQ(delivery.message, "server answered HTTP 503");
}

TEST(ZipkinExporter, NobodyListeningIsAPassingFault) {
  const auto delivery = send_to("http://127.0.0.1:1/api/v2/spans");
  EXPECT_EQ(delivery.kind, Kind::kRetry);
  EXPECT_THAT(delivery.message, StartsWith("http://127.0.0.1:1: "));
}

TEST(ZipkinExporter, OptionsNameTheirVariables) {
  std::map<std::string_view, std::string_view> variables;
  for (const ExporterOption& option : kinds()[0].options) variables[option.key] = option.variable;
  EXPECT_EQ(variables["endpoint"], "OTEL_EXPORTER_ZIPKIN_ENDPOINT");
  EXPECT_EQ(variables["timeout"], "OTEL_EXPORTER_ZIPKIN_TIMEOUT");
}

// Packs spans of the given sizes in bytes; a request holds 10.
Sender::Packed cut(const std::vector<size_t>& sizes) {
  const http::Poster poster({.content_type = "", .max_request = 10}, nullptr);
  std::vector<const size_t*> spans;
  for (const size_t& size : sizes) spans.push_back(&size);
  Sender::Packed out;
  const auto encode = [](std::span<const size_t* const> some) {
    std::string body;
    for (const size_t* size : some) body.append(*size, static_cast<char>('0' + *size));
    return body;
  };
  poster.pack(std::span<const size_t* const>(spans), encode, out);
  return out;
}

TEST(Poster, CutsLongRequestsAndRefusesLongSpans) {
  const auto packed = cut({3, 4, 20, 5, 5, 1});
  std::string together;
  uint64_t spans = 0;
  for (const Parcel& parcel : packed.parcels) {
    EXPECT_LE(parcel.bytes.size(), 10u);
    together += parcel.bytes;
    spans += parcel.spans;
  }
  EXPECT_EQ(together, "333444455555555551");
  EXPECT_EQ(spans, 5u);
  EXPECT_EQ(packed.refused, 1u);
  EXPECT_EQ(packed.message,
            "a span of 20 bytes is larger than a request may be (10) and was not sent");
}

TEST(Poster, WhatFitsIsOneRequest) {
  EXPECT_EQ(cut({5, 5}).parcels.size(), 1u);
  EXPECT_TRUE(cut({}).parcels.empty());
}

}  // namespace
}  // namespace weft::exporters::zipkin

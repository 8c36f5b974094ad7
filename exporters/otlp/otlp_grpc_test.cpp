// SPDX-License-Identifier: Apache-2.0
// OTLP/gRPC against an HTTP/2 server on loopback.
#include <dlfcn.h>
#include <gtest/gtest.h>
#include <zlib.h>

#include "agent/http/curl_library.h"
#include "exporters/otlp/grpc.h"
#include "exporters/otlp/h2_test_server.h"
#include "exporters/otlp/test_support.h"

namespace weft::otlp {
namespace {

using namespace std::chrono_literals;
using Kind = Delivery::Kind;

std::string gunzip(const std::string& bytes) {
  z_stream stream{};
  if (inflateInit2(&stream, MAX_WBITS + 16) != Z_OK) return {};
  std::string out(1 << 20, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  const bool complete = inflate(&stream, Z_FINISH) == Z_STREAM_END;
  out.resize(complete ? stream.total_out : 0);
  inflateEnd(&stream);
  return out;
}

std::unique_ptr<Exporter> grpc(const H2TestServer& server, ExporterSettings settings = {}) {
  settings.values["endpoint"] = server.url();
  auto made = make("otlp_grpc", settings);
  EXPECT_TRUE(made.has_value());
  return std::move(*made);
}

H2TestServer::Response grpc_answer(const char* status, H2TestServer::Headers more = {}) {
  H2TestServer::Response response;
  response.body = std::string(5, '\0');  // an empty message
  response.trailers = std::move(more);
  response.trailers["grpc-status"] = status;
  return response;
}

std::string unzstd(const std::string& bytes) {
  using Decompress = size_t (*)(void*, size_t, const void*, size_t);
  void* library = dlopen("libzstd.so.1", RTLD_NOW);
  const auto decompress = reinterpret_cast<Decompress>(dlsym(library, "ZSTD_decompress"));
  std::string out(1 << 20, '\0');
  out.resize(std::min(out.size(), decompress(out.data(), out.size(), bytes.data(), bytes.size())));
  return out;
}

TEST(OtlpGrpc, CompressesWithZstd) {
  H2TestServer::Request seen;
  const H2TestServer server([&](const auto& request) {
    seen = request;
    return grpc_answer("0");
  });
  EXPECT_EQ(send(*grpc(server, {.values = {{"compression", "zstd"}}})).kind, Kind::kDelivered);
  EXPECT_EQ(seen.headers["grpc-encoding"], "zstd");
  ASSERT_GT(seen.body.size(), 5u);
  EXPECT_EQ(seen.body[0], '\1');
  EXPECT_EQ(spans_in(unzstd(seen.body.substr(5))), 3);
}

TEST(OtlpGrpc, ConnectsAgainWhenTheServerHungUp) {
  std::vector<H2TestServer::Request> requests;
  H2TestServer server([&](const auto& request) {
    requests.push_back(request);
    return grpc_answer("0");
  });
  const auto exporter = grpc(server);
  for (int before = 0, i = 1; i <= 3; ++i) {
    EXPECT_EQ(send(*exporter).kind, Kind::kDelivered) << i;
    const int connection = requests.back().connection;
    EXPECT_GT(connection, std::exchange(before, connection));
    EXPECT_EQ(send(*exporter).kind, Kind::kDelivered) << i;
    EXPECT_EQ(requests.back().connection, connection);
    server.hang_up();
  }
  EXPECT_EQ(requests.size(), 6u);
}

TEST(OtlpGrpc, CallsExport) {
  std::vector<H2TestServer::Request> requests;
  const H2TestServer server([&](const auto& request) {
    requests.push_back(request);
    return grpc_answer("0");
  });
  const auto exporter = grpc(server, {.values = {{"timeout", "7000"}}, .headers = {{"k", "v"}}});
  for (int i = 0; i < 5; ++i) {
    const auto delivery = send(*exporter);
    EXPECT_EQ(delivery.kind, Kind::kDelivered);
    EXPECT_EQ(delivery.message, "");
  }
  ASSERT_EQ(requests.size(), 5u);
  EXPECT_EQ(requests[4].connection, 1) << "kept open";
  auto& headers = requests[0].headers;
  EXPECT_EQ(headers[":path"], "/opentelemetry.proto.collector.trace.v1.TraceService/Export");
  EXPECT_EQ(headers[":method"], "POST");
  EXPECT_EQ(headers["content-type"], "application/grpc");
  EXPECT_EQ(headers["te"], "trailers");
  EXPECT_EQ(headers["grpc-timeout"], "7000m");
  EXPECT_EQ(headers["k"], "v");
  EXPECT_FALSE(headers.contains("grpc-encoding"));
  const auto message = grpc_unframe(requests[0].body);
  ASSERT_TRUE(message.has_value());
  EXPECT_EQ(spans_in(std::string(*message)), 3);
}

TEST(OtlpGrpc, CompressesTheMessageNotTheFrame) {
  H2TestServer::Request seen;
  const H2TestServer server([&](const auto& request) {
    seen = request;
    return grpc_answer("0");
  });
  EXPECT_EQ(send(*grpc(server, {.values = {{"compression", "gzip"}}})).kind, Kind::kDelivered);
  EXPECT_EQ(seen.headers["grpc-encoding"], "gzip");
  ASSERT_GT(seen.body.size(), 5u);
  EXPECT_EQ(seen.body[0], 1);
  EXPECT_EQ(spans_in(gunzip(seen.body.substr(5))), 3);
}

TEST(OtlpGrpc, TrailersOnlyErrorsAndRetryInfo) {
  H2TestServer::Response answer;
  const H2TestServer server([&](const auto&) { return answer; });
  const auto exporter = grpc(server);
  answer.headers["grpc-status"] = "14";
  answer.headers["grpc-message"] = "try%20later";
  auto delivery = send(*exporter);
  EXPECT_EQ(delivery.kind, Kind::kRetry);
  EXPECT_EQ(delivery.message, "server answered gRPC UNAVAILABLE: try later");
  answer.headers["grpc-status"] = "8";
  EXPECT_EQ(send(*exporter).kind, Kind::kRefused);
  answer.headers["grpc-status-details-bin"] =
      "CAgSBGJ1c3kaNgoodHlwZS5nb29nbGVhcGlzLmNvbS9nb29nbGUucnBjLlJldHJ5SW5mbxIKCggIAxCAyrXuAQ==";
  delivery = send(*exporter);
  EXPECT_EQ(delivery.kind, Kind::kRetry);
  EXPECT_EQ(delivery.retry_after, 3500ms);
}

TEST(OtlpGrpc, AnErrorInTheTrailers) {
  const H2TestServer server([](const auto&) {
    return grpc_answer("3", {{"grpc-message", "bad"}});
  });
  const auto delivery = send(*grpc(server));
  EXPECT_EQ(delivery.kind, Kind::kRefused);
  EXPECT_EQ(delivery.message, "server answered gRPC INVALID_ARGUMENT: bad");
}

}  // namespace
}  // namespace weft::otlp

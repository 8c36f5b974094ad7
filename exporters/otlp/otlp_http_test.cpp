// SPDX-License-Identifier: Apache-2.0
// OTLP/HTTP against HTTP/1.1 servers on loopback, and how such servers answer gRPC.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <httplib.h>
#include <nlohmann/json.hpp>

#include "agent/base/fd.h"
#include "agent/base/version.h"
#include "exporters/otlp/otlp_exporter.h"
#include "exporters/otlp/test_support.h"

namespace weft::otlp {
namespace {

using namespace std::chrono_literals;
using Kind = Delivery::Kind;
using testing::HasSubstr;
using testing::StartsWith;

// A server for POST /v1/traces that keeps every request.
class Collector {
 public:
  using Handler = std::function<void(const httplib::Request&, httplib::Response&)>;

  explicit Collector(Handler handler = [](const auto&, auto&) {}) {
    server_.Post("/v1/traces", [this, handler](const auto& request, auto& response) {
      requests.push_back(request);
      handler(request, response);
    });
    port_ = server_.bind_to_any_port("127.0.0.1");
    thread_ = std::thread([this] { server_.listen_after_bind(); });
    while (!server_.is_running()) std::this_thread::yield();
  }
  ~Collector() {
    server_.stop();
    thread_.join();
  }
  std::string url() const { return "http://127.0.0.1:" + std::to_string(port_) + "/v1/traces"; }
  std::unique_ptr<Exporter> exporter(ExporterSettings settings = {}) const {
    settings.values["endpoint"] = url();
    auto made = make("otlp_http", settings);
    EXPECT_TRUE(made.has_value());
    return std::move(*made);
  }

  std::vector<httplib::Request> requests;  // read after deliver() returned

 private:
  httplib::Server server_;
  int port_ = 0;
  std::thread thread_;
};

TEST(OtlpHttp, SendsProtobufToTheUrlAsItIs) {
  Collector collector;
  const auto exporter = collector.exporter({.values = {}, .headers = {{"api-key", "s3cret"}}});
  EXPECT_EQ(send(*exporter).kind, Kind::kDelivered);
  ASSERT_EQ(collector.requests.size(), 1u);
  const auto& request = collector.requests[0];
  EXPECT_EQ(request.get_header_value("Content-Type"), "application/x-protobuf");
  EXPECT_EQ(request.get_header_value("User-Agent"),
            std::string("weft/") + kVersion + " OTel-OTLP-Exporter-Cpp/" + kVersion);
  EXPECT_EQ(request.get_header_value("api-key"), "s3cret");
  EXPECT_FALSE(request.has_header("Content-Encoding"));
  EXPECT_FALSE(request.has_header("Expect"));
  EXPECT_EQ(request.version, "HTTP/1.1");
  EXPECT_EQ(spans_in(request.body), 3);
}

TEST(OtlpHttp, SendsJson) {
  Collector collector;
  const auto exporter = collector.exporter({.values = {{"encoding", "json"}}});
  EXPECT_EQ(send(*exporter).kind, Kind::kDelivered);
  const auto& request = collector.requests.at(0);
  EXPECT_EQ(request.get_header_value("Content-Type"), "application/json");
  EXPECT_EQ(nlohmann::json::parse(request.body)["resourceSpans"].size(), 2u);
}

TEST(OtlpHttp, CompressesOnRequest) {
  Collector collector;
  const auto exporter = collector.exporter({.values = {{"compression", "gzip"}}});
  EXPECT_EQ(send(*exporter).kind, Kind::kDelivered);
  const auto& request = collector.requests.at(0);
  EXPECT_EQ(request.get_header_value("Content-Encoding"), "gzip");
  EXPECT_EQ(spans_in(request.body), 3);  // decompressed by the server
}

TEST(OtlpHttp, KeepsItsConnection) {
  Collector collector;
  const auto exporter = collector.exporter();
  for (int i = 0; i < 3; ++i) EXPECT_EQ(send(*exporter).kind, Kind::kDelivered);
  EXPECT_EQ(collector.requests[0].remote_port, collector.requests[2].remote_port);
}

TEST(OtlpHttp, AnEmptyBatchIsNotSent) {
  Collector collector;
  const auto exporter = collector.exporter();
  EXPECT_EQ(exporter->deliver({}, Deadline::in(60s)).kind, Kind::kDelivered);
  EXPECT_TRUE(collector.requests.empty());
}

TEST(OtlpHttp, ABusyServerIsTriedAgainWhenItSays) {
  Collector collector([](const auto&, auto& response) {
    response.status = 503;
    response.set_header("Retry-After", "11");
  });
  const auto delivery = send(*collector.exporter());
  EXPECT_EQ(delivery.kind, Kind::kRetry);
  EXPECT_EQ(delivery.retry_after, 11s);
}

TEST(OtlpHttp, ABadRequestIsRefusedWithTheServersReason) {
  Collector collector([](const auto&, auto& response) {
    response.status = 400;
    response.set_content(R"({"code":3,"message":"no name"})", "application/json");
  });
  const auto delivery = send(*collector.exporter());
  EXPECT_EQ(delivery.kind, Kind::kRefused);
  EXPECT_EQ(delivery.message, "server answered HTTP 400: no name");
}

TEST(OtlpHttp, PartialSuccessIsCounted) {
  Collector collector([](const auto&, auto& response) {
    response.set_content(R"({"partialSuccess":{"rejectedSpans":"2"}})", "application/json");
  });
  const auto delivery = send(*collector.exporter());
  EXPECT_EQ(delivery.kind, Kind::kDelivered);
  EXPECT_EQ(delivery.rejected, 2u);
}

TEST(OtlpHttp, DoesNotFollowRedirects) {
  Collector collector([](const auto&, auto& response) { response.set_redirect("/v1/traces"); });
  EXPECT_EQ(send(*collector.exporter()).kind, Kind::kRefused);
  EXPECT_EQ(collector.requests.size(), 1u);
}

TEST(OtlpHttp, ReadsNoMoreThanTheLimitOfAnAnswer) {
  Collector collector([](const auto&, auto& response) {
    response.set_content(std::string(http::kMaxResponse + 1, 'x'), "text/plain");
  });
  const auto delivery = send(*collector.exporter());
  EXPECT_EQ(delivery.kind, Kind::kDelivered);
  EXPECT_THAT(delivery.message, HasSubstr("4 MiB"));
}

TEST(OtlpHttp, NobodyListeningIsAPassingFault) {
  const auto exporter =
      make("otlp_http", {.values = {{"endpoint", "http://127.0.0.1:1/v1/traces"}}});
  const auto delivery = send(**exporter);
  EXPECT_EQ(delivery.kind, Kind::kRetry);
  EXPECT_THAT(delivery.message, StartsWith("http://127.0.0.1:1: "));
}

// Accepts connections, never answers.
struct DeafServer {
  DeafServer() {
    listener = Fd(socket(AF_INET, SOCK_STREAM, 0));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* plain = reinterpret_cast<sockaddr*>(&address);
    if (bind(listener.get(), plain, size) != 0 || listen(listener.get(), 8) != 0) abort();
    getsockname(listener.get(), plain, &size);
    url = "http://127.0.0.1:" + std::to_string(ntohs(address.sin_port)) + "/v1/traces";
  }
  Fd listener;
  std::string url;
};

TEST(OtlpHttp, ItsOwnTimeoutIsAPassingFault) {
  const DeafServer server;
  const auto exporter =
      make("otlp_http", {.values = {{"endpoint", server.url}, {"timeout", "20"}}});
  EXPECT_EQ(send(**exporter).kind, Kind::kRetry);
}

TEST(OtlpHttp, ADeadlinePulledInEndsTheRequest) {
  const DeafServer server;
  const auto exporter = make("otlp_http", {.values = {{"endpoint", server.url}, {"timeout", "0"}}});
  Deadline deadline = Deadline::in(1h);
  std::thread impatient([&] { deadline.pull_in(Deadline::Clock::now()); });
  const auto batch = sample_batch();
  EXPECT_EQ((*exporter)->deliver(batch, deadline).kind, Kind::kRetry);
  impatient.join();
}

TEST(OtlpHttp, ADisconnectWithoutAnswerIsAPassingFault) {
  const DeafServer server;
  std::thread rude([&] {
    const Fd connection(accept(server.listener.get(), nullptr, nullptr));
    char some[16];
    EXPECT_GT(recv(connection.get(), some, sizeof some, 0), 0);
  });
  const auto exporter = make("otlp_http", {.values = {{"endpoint", server.url}}});
  EXPECT_EQ(send(**exporter).kind, Kind::kRetry);
  rude.join();
}

TEST(OtlpHttp, ARequestThatIsTooLargeIsNotSent) {
  Collector collector;
  auto client = http::HttpClient::make({.url = collector.url()});
  ASSERT_TRUE(client.has_value());
  OtlpExporter exporter({.limits = {.request = 100}}, std::move(*client));
  const auto delivery = send(exporter);
  EXPECT_EQ(delivery.kind, Kind::kRefused);
  EXPECT_EQ(delivery.rejected, 3u);
  EXPECT_EQ(delivery.message, "3 spans are larger than the server takes (100 bytes)");
  EXPECT_TRUE(collector.requests.empty());
}

TEST(OtlpKinds, SettingsThatCannotWorkAreErrors) {
  const auto missing = make("otlp_http", {.values = {{"tls.ca_file", "/nonexistent/ca.pem"}}});
  ASSERT_FALSE(missing.has_value());
  EXPECT_EQ(missing.error().code, ExitCode::kConfig);
  EXPECT_EQ(missing.error().message, "tls.ca_file: cannot read /nonexistent/ca.pem");
  const auto smuggled = make("otlp_grpc", {.values = {}, .headers = {{"a", "b\r\nc: d"}}});
  ASSERT_FALSE(smuggled.has_value());
  EXPECT_EQ(smuggled.error().code, ExitCode::kConfig);
}

TEST(OtlpGrpc, AnHttp1ServerIsAPassingFaultWithAReason) {
  Collector collector;
  const std::string origin = collector.url().substr(0, collector.url().find("/v1"));
  const auto exporter = make("otlp_grpc", {.values = {{"endpoint", origin}}});
  const auto delivery = send(**exporter);
  EXPECT_EQ(delivery.kind, Kind::kRetry);
  EXPECT_NE(delivery.message, "");
}

}  // namespace
}  // namespace weft::otlp

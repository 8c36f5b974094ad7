// SPDX-License-Identifier: Apache-2.0
// The exporter against UDP sockets on loopback.
#include "exporters/xray/xray_exporter.h"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>
#include <thread>

#include "agent/base/fd.h"
#include "agent/port/exporter.h"
#include "exporters/xray/test_spans.h"

namespace weft::exporters::xray {
std::span<const ExporterKind> kinds();
}

namespace weft::xray {
namespace {

using Kind = Delivery::Kind;
using testing::HasSubstr;

Result<std::unique_ptr<Exporter>> make(const std::string& endpoint) {
  return exporters::xray::kinds().front().make({.values = {{"endpoint", endpoint}}});
}

Delivery deliver(Exporter& exporter, const std::vector<SpanPtr>& batch) {
  return exporter.deliver(batch, Deadline::in(std::chrono::seconds(30)));
}

// Receives datagrams, as the daemon does.
class Listener {
 public:
  explicit Listener(const char* address = "127.0.0.1") {
    sockaddr_in to{};
    to.sin_family = AF_INET;
    inet_pton(AF_INET, address, &to.sin_addr);
    socket_ = Fd(socket(AF_INET, SOCK_DGRAM, 0));
    socklen_t size = sizeof to;
    auto* plain = reinterpret_cast<sockaddr*>(&to);
    if (bind(socket_.get(), plain, size) != 0) abort();
    getsockname(socket_.get(), plain, &size);
    endpoint = std::string(address) + ":" + std::to_string(ntohs(to.sin_port));
  }
  std::string receive() {
    pollfd ready{.fd = socket_.get(), .events = POLLIN, .revents = 0};
    if (poll(&ready, 1, 5000) != 1) return {};
    std::string datagram(1 << 16, '\0');
    const ssize_t size = recv(socket_.get(), datagram.data(), datagram.size(), 0);
    datagram.resize(size < 0 ? 0 : static_cast<size_t>(size));
    return datagram;
  }
  void close() { socket_.reset(); }

  std::string endpoint;

 private:
  Fd socket_;
};

TEST(Xray, SendsADatagramForEachSpan) {
  Listener daemon;
  const auto exporter = make(daemon.endpoint);
  EXPECT_EQ(deliver(**exporter, {http_server(200), postgres_client()}).kind, Kind::kDelivered);
  EXPECT_EQ(document(daemon.receive())["name"], "shop");
  EXPECT_EQ(document(daemon.receive())["name"], "stock@db.example");
}

TEST(Xray, ADatagramOfTheLargestSizeArrives) {
  Listener daemon;
  const auto exporter = make(daemon.endpoint);
  const auto span = http_server(200);
  span->attributes.set("text", std::string(63'000, 't'));
  EXPECT_EQ(deliver(**exporter, {span}).kind, Kind::kDelivered);
  EXPECT_EQ(document(daemon.receive())["metadata"]["default"]["text"].get<std::string>().size(),
            63'000u);
}

TEST(Xray, ALargeBatchDoesNotOverrunTheListener) {
  Listener daemon;
  const auto exporter = make(daemon.endpoint);
  const std::vector<SpanPtr> batch(512, http_server(200));
  std::thread sender([&] { EXPECT_EQ(deliver(**exporter, batch).kind, Kind::kDelivered); });
  for (int i = 0; i < 512; ++i) ASSERT_NE(daemon.receive(), "") << i;
  sender.join();
}

TEST(Xray, NobodyListeningIsAPassingFaultThatSaysWhere) {
  Listener daemon;
  daemon.close();
  const auto exporter = make(daemon.endpoint);
  const auto delivery = deliver(**exporter, {http_server(200)});
  EXPECT_EQ(delivery.kind, Kind::kRetry);
  EXPECT_EQ(delivery.message, "X-Ray daemon at udp " + daemon.endpoint + ": nobody listens there");
}

TEST(Xray, ANameThatIsNoneIsAPassingFaultToo) {
  const auto exporter = make("no-such-host.invalid:2000");
  const auto delivery = deliver(**exporter, {http_server(200)});
  EXPECT_EQ(delivery.kind, Kind::kRetry);
  EXPECT_THAT(delivery.message, HasSubstr("X-Ray daemon at udp no-such-host.invalid:2000: "));
}

TEST(Xray, WhatNoDatagramHoldsIsRefusedTheRestDelivered) {
  Listener daemon;
  const auto exporter = make(daemon.endpoint);
  const auto huge = http_server(200);
  huge->attributes.set("huge", std::string(70'000, 'h'));
  const auto delivery = deliver(**exporter, {huge, postgres_client()});
  EXPECT_EQ(delivery.kind, Kind::kDelivered);
  EXPECT_EQ(delivery.rejected, 1u);
  EXPECT_THAT(delivery.message, HasSubstr("larger than a datagram"));
  EXPECT_EQ(document(daemon.receive())["name"], "stock@db.example");
}

TEST(Xray, AParcelOfAnotherMakeIsRefused) {
  XrayExporter exporter({.host = "127.0.0.1", .port = "9"}, {});
  const auto delivery = exporter.send({.bytes = std::string("\x7f\0\0\0x", 5)},
                                      Deadline::in(std::chrono::seconds(1)));
  EXPECT_EQ(delivery.kind, Kind::kRefused);
}

TEST(Xray, TheEnvironmentNamesTheDaemon) {
  const ExporterKind& kind = exporters::xray::kinds().front();
  EXPECT_EQ(kind.name, "xray");
  EXPECT_EQ(kind.options[0].variable, "AWS_XRAY_DAEMON_ADDRESS");
  EXPECT_FALSE(make("nonsense").has_value());
  EXPECT_EQ(make("nonsense").error().code, ExitCode::kConfig);
}

}  // namespace
}  // namespace weft::xray

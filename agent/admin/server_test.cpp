// SPDX-License-Identifier: Apache-2.0
#include "agent/admin/server.h"

#include <arpa/inet.h>
#include <atomic>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <thread>

#include "agent/base/fd.h"

namespace weft {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

// Sends one request over a raw socket; returns the whole response.
std::string send_raw(uint16_t port, const std::string& request) {
  const Fd fd(socket(AF_INET, SOCK_STREAM, 0));
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(port);
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (connect(fd.get(), reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0) return "no answer";
  if (send(fd.get(), request.data(), request.size(), MSG_NOSIGNAL) < 0) return "no answer";
  std::string answer;
  char buffer[4096];
  for (ssize_t n; (n = recv(fd.get(), buffer, sizeof buffer, 0)) > 0;) {
    answer.append(buffer, static_cast<size_t>(n));
  }
  return answer;
}

std::string ask(uint16_t port, const std::string& path, const std::string& host = "127.0.0.1") {
  return send_raw(port,
                  "GET " + path + " HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n");
}

StatusReport ready_report() {
  StatusReport report;
  report.version = "7";
  report.ready = true;
  return report;
}

TEST(AdminServer, HealthFollowsReadiness) {
  std::atomic<bool> ready = false;
  const auto server = AdminServer::start("127.0.0.1", 0, [&] {
    StatusReport report = ready_report();
    report.ready = ready;
    return report;
  });
  ASSERT_TRUE(server) << server.error().message;
  const uint16_t port = (*server)->port();
  EXPECT_THAT(ask(port, "/healthz"), HasSubstr("HTTP/1.1 503"));
  ready = true;
  EXPECT_THAT(ask(port, "/healthz"), HasSubstr("HTTP/1.1 200"));
}

TEST(AdminServer, StatusAndMetrics) {
  const auto server = AdminServer::start("127.0.0.1", 0, ready_report);
  ASSERT_TRUE(server);
  const uint16_t port = (*server)->port();
  EXPECT_THAT(ask(port, "/status"), HasSubstr("application/json"));
  EXPECT_THAT(ask(port, "/metrics"), HasSubstr("text/plain; version=0.0.4"));
  EXPECT_THAT(ask(port, "/metrics"), HasSubstr("weft_ready 1\n"));
  EXPECT_THAT(ask(port, "/elsewhere"), HasSubstr("HTTP/1.1 404"));
  const auto report = fetch_status("127.0.0.1", port);
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_EQ(report->version, "7");
}

TEST(AdminServer, ForeignNamesForLoopbackAreRefused) {
  const auto server = AdminServer::start("127.0.0.1", 0, ready_report);
  ASSERT_TRUE(server);
  const uint16_t port = (*server)->port();
  EXPECT_THAT(ask(port, "/status", "evil.example"), HasSubstr("HTTP/1.1 403"));
  EXPECT_THAT(ask(port, "/status", "evil.example:80"), HasSubstr("HTTP/1.1 403"));
  EXPECT_THAT(ask(port, "/status", "localhost:4380"), HasSubstr("HTTP/1.1 200"));
  EXPECT_THAT(ask(port, "/status", "[::1]:4380"), HasSubstr("HTTP/1.1 200"));
}

TEST(AdminServer, NoSpellingOfAForeignNameGetsThrough) {
  const auto server = AdminServer::start("127.0.0.1", 0, ready_report);
  ASSERT_TRUE(server);
  const uint16_t port = (*server)->port();
  for (const char* head : {
           "GET /status HTTP/1.1\r\nHost: 127.evil.example\r\n",
           "GET /status HTTP/1.1\r\nHost: user@127.0.0.1\r\n",
           "GET /status HTTP/1.1\r\nHost:\r\n",
           "GET /status HTTP/1.1\r\n",
           "GET /status HTTP/1.0\r\n",
           "GET /status HTTP/1.1\r\nHost: 127.0.0.1\r\nHost: evil.example\r\n",
           "GET /status HTTP/1.1\r\nHost: evil.example\r\nhost: 127.0.0.1\r\n",
           "GET http://evil.example/status HTTP/1.1\r\nHost: 127.0.0.1\r\n",
           "GET http://127.0.0.1@evil.example/status HTTP/1.1\r\nHost: 127.0.0.1\r\n",
           "GET http://evil.example HTTP/1.1\r\nHost: 127.0.0.1\r\n",
       }) {
    const std::string answer = send_raw(port, std::string(head) + "Connection: close\r\n\r\n");
    EXPECT_THAT(answer, Not(HasSubstr(" 200 "))) << head;
    EXPECT_THAT(answer, Not(HasSubstr("version"))) << head;
  }
  EXPECT_THAT(ask(port, "/status", "LOCALHOST.:1"), HasSubstr("HTTP/1.1 200"));
  EXPECT_THAT(ask(port, "/status", "[::ffff:127.0.0.1]"), HasSubstr("HTTP/1.1 200"));
}

TEST(AdminServer, APortInUseIsSaid) {
  const auto first = AdminServer::start("127.0.0.1", 0, ready_report);
  ASSERT_TRUE(first);
  const uint16_t port = (*first)->port();
  const auto second = AdminServer::start("127.0.0.1", port, ready_report);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, ExitCode::kAddressInUse);
  EXPECT_EQ(second.error().message,
            "admin endpoint 127.0.0.1:" + std::to_string(port) +
                " is in use: choose another with --admin HOST:PORT, or --admin off");
}

TEST(AdminServer, AForeignAddressIsSaid) {
  const auto server = AdminServer::start("192.0.2.1", 4380, ready_report);
  ASSERT_FALSE(server);
  EXPECT_EQ(server.error().code, ExitCode::kConfig);
  EXPECT_EQ(server.error().message,
            "admin endpoint 192.0.2.1:4380: Cannot assign requested address");
}

TEST(AdminServer, ThePortIsFreeAgainAfterwards) {
  uint16_t port = 0;
  {
    const auto first = AdminServer::start("127.0.0.1", 0, ready_report);
    ASSERT_TRUE(first);
    port = (*first)->port();
    EXPECT_THAT(ask(port, "/healthz"), HasSubstr("200"));
  }
  EXPECT_TRUE(AdminServer::start("127.0.0.1", port, ready_report));
}

TEST(AdminServer, ReportsAreMadeOneAtATime) {
  std::atomic<int> inside = 0;
  std::atomic<bool> overlapped = false;
  const auto server = AdminServer::start("127.0.0.1", 0, [&] {
    if (inside++ > 0) overlapped = true;
    std::this_thread::yield();
    --inside;
    return ready_report();
  });
  ASSERT_TRUE(server);
  const uint16_t port = (*server)->port();
  // The library initialises its statics at the first request, which the thread sanitizer does not
  // see.
  ask(port, "/status");
  std::vector<std::jthread> clients;
  for (int i = 0; i < 4; ++i) {
    clients.emplace_back([port] {
      for (int j = 0; j < 10; ++j) ask(port, "/status");
    });
  }
  clients.clear();
  EXPECT_FALSE(overlapped);
}

TEST(FetchStatus, NobodyThere) {
  uint16_t port = 0;
  {
    const auto server = AdminServer::start("127.0.0.1", 0, ready_report);
    ASSERT_TRUE(server);
    port = (*server)->port();
  }
  const auto report = fetch_status("127.0.0.1", port);
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().code, ExitCode::kUnreachable);
  EXPECT_EQ(report.error().message,
            "no agent answers at 127.0.0.1:" + std::to_string(port) +
                ": start one with `weft run`, or name its endpoint with --admin");
}

}  // namespace
}  // namespace weft

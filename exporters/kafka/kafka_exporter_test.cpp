// SPDX-License-Identifier: Apache-2.0
// The exporter against the brokers that librdkafka can simulate, and against none.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <stop_token>
#include <sys/socket.h>
#include <thread>

#include "agent/base/fd.h"
#include "agent/port/exporter.h"
#include "exporters/kafka/rdkafka_library.h"
#include "exporters/otlp/encode/sample_spans.h"

namespace weft::exporters::kafka {
std::span<const ExporterKind> kinds();
}

namespace weft::kafka {
namespace {

using namespace std::chrono_literals;
using Kind = Delivery::Kind;
using Values = std::map<std::string, std::string, std::less<>>;
using testing::HasSubstr;

constexpr char kSimulated[] = "test.mock.num.brokers=2";

Result<std::unique_ptr<Exporter>> make(Values values) {
  return exporters::kafka::kinds().front().make({.values = std::move(values)});
}

class Kafka : public testing::Test {
 protected:
  void SetUp() override {
    if (!RdkafkaLibrary::load()) GTEST_SKIP() << "no librdkafka";
  }
  Delivery deliver(const Values& values, std::chrono::milliseconds limit = 30s) {
    const auto exporter = make(values);
    if (!exporter) return {.kind = Kind::kRefused, .message = exporter.error().message};
    return (*exporter)->deliver(otlp::sample_batch(), Deadline::in(limit));
  }
};

TEST_F(Kafka, ABatchIsDeliveredWhenTheBrokersHaveIt) {
  const auto exporter = make({{"properties", kSimulated}, {"compression", "gzip"}});
  ASSERT_TRUE(exporter.has_value()) << exporter.error().message;
  for (int i = 0; i < 3; ++i) {
    const auto batch = otlp::sample_batch();
    const auto delivery = (*exporter)->deliver(batch, Deadline::in(30s));
    EXPECT_EQ(delivery.kind, Kind::kDelivered) << delivery.message;
    EXPECT_EQ(delivery.rejected, 0u);
  }
}

TEST_F(Kafka, NoBrokerIsAPassingFaultThatSaysWhere) {
  const auto begin = Deadline::Clock::now();
  const auto delivery = deliver({{"brokers", "127.0.0.1:1"}});
  EXPECT_EQ(delivery.kind, Kind::kRetry);
  EXPECT_THAT(delivery.message, HasSubstr("127.0.0.1:1"));
  EXPECT_THAT(delivery.message, HasSubstr("Connection refused"));
  EXPECT_LT(Deadline::Clock::now() - begin, 8s);  // not its whole timeout
}

// A port on which somebody listens.
struct Listener {
  Fd socket{::socket(AF_INET, SOCK_STREAM, 0)};
  std::string address;

  Listener() {
    sockaddr_in any{};
    any.sin_family = AF_INET;
    any.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof any;
    auto* plain = reinterpret_cast<sockaddr*>(&any);
    EXPECT_EQ(bind(socket.get(), plain, size), 0);
    EXPECT_EQ(listen(socket.get(), 8), 0);
    getsockname(socket.get(), plain, &size);
    address = "127.0.0.1:" + std::to_string(ntohs(any.sin_port));
  }
};

TEST_F(Kafka, ADeadlineEndsTheWait) {
  const Listener silent;  // accepts, never answers
  const auto delivery = deliver({{"brokers", silent.address}}, 300ms);
  EXPECT_EQ(delivery.kind, Kind::kRetry);
  EXPECT_EQ(delivery.message, "Kafka: no acknowledgement in time");
}

// As a broker does that expects SASL or TLS.
TEST_F(Kafka, AConnectionThatTheBrokerClosesNamesTheSetting) {
  const Listener broker;
  std::jthread closes([&](const std::stop_token& stop) {
    while (!stop.stop_requested()) {
      const Fd connection(accept(broker.socket.get(), nullptr, nullptr));
      const linger none{.l_onoff = 1, .l_linger = 0};  // closes with a reset
      setsockopt(connection.get(), SOL_SOCKET, SO_LINGER, &none, sizeof none);
    }
  });
  const auto delivery = deliver({{"brokers", broker.address}}, 3s);
  closes.request_stop();
  shutdown(broker.socket.get(), SHUT_RDWR);
  EXPECT_EQ(delivery.kind, Kind::kRetry);
  EXPECT_THAT(delivery.message, HasSubstr("security.protocol"));
}

TEST_F(Kafka, SettingsThatLibrdkafkaRefusesAreErrors) {
  const auto message = [](const Values& values) {
    const auto made = make(values);
    EXPECT_TRUE(!made && made.error().code == ExitCode::kConfig);
    return made ? std::string() : made.error().message;
  };
  EXPECT_EQ(message({{"properties", "no.such=1"}}),
            "otlp_kafka: no.such: No such configuration property: \"no.such\"");
  EXPECT_THAT(message({{"properties", "security.protocol=NONSENSE"}}),
              HasSubstr("otlp_kafka: security.protocol: "));
  EXPECT_EQ(message({{"properties", "sasl.password=half;other half"}}),
            "otlp_kafka: properties: entry 2 is none, expected key=value;key=value");
}

TEST_F(Kafka, PropertiesWinOverOptions) {
  const auto delivery = deliver({{"properties", "acks=nonsense;;acks=1;test.mock.num.brokers=1"}});
  EXPECT_THAT(delivery.message, HasSubstr("otlp_kafka: acks: "));
  EXPECT_EQ(deliver({{"acks", "0"}, {"properties", ";acks=1;test.mock.num.brokers=1;"}}).kind,
            Kind::kDelivered);
}

TEST(KafkaKind, CredentialsAreSecret) {
  for (const ExporterOption& option : exporters::kafka::kinds().front().options) {
    const bool may_hold_one = option.key == "sasl.password" || option.key == "properties";
    EXPECT_EQ(option.secret, may_hold_one) << option.key;
  }
}

}  // namespace
}  // namespace weft::kafka

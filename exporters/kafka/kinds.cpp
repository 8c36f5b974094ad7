// SPDX-License-Identifier: Apache-2.0
// The kind otlp_kafka: its options as librdkafka's settings.
#include <algorithm>
#include <charconv>

#include "exporters/kafka/kafka_exporter.h"

namespace weft::exporters::kafka {
namespace {

using weft::kafka::KafkaExporter;
using weft::kafka::Producer;
using weft::kafka::Properties;

constexpr ExporterOption kBrokers{"brokers", OptionType::kText, "localhost:9092", "",
                                  "host:port of some brokers, with commas between"};
constexpr ExporterOption kTopic{"topic", OptionType::kText, "otlp_spans", "", "of the messages"};
constexpr ExporterOption kAcks{"acks", OptionType::kChoice, "all", "all|1|0",
                               "who has a message before it counts as delivered"};
constexpr ExporterOption kCompression{"compression", OptionType::kChoice, "none",
                                      "none|gzip|snappy|lz4|zstd", "of messages"};
constexpr ExporterOption kTimeout{"timeout", OptionType::kMilliseconds, "10000", "",
                                  "of a message; 0: none of its own"};
constexpr ExporterOption kMaxMessage{"max_message_bytes", OptionType::kInteger, "1000000", "",
                                     "larger traces are in several messages"};
constexpr ExporterOption kClientId{"client_id", OptionType::kText, "weft", "",
                                   "by which brokers know this client"};
constexpr ExporterOption kUser{"sasl.username", OptionType::kText, "", "", "for SASL"};
constexpr ExporterOption kPassword{
    "sasl.password", OptionType::kText, "", "", "for SASL", "", true};
constexpr ExporterOption kProperties{
    "properties",
    OptionType::kText,
    "",
    "",
    "other settings of librdkafka: security.protocol=SASL_SSL;sasl.mechanism=PLAIN",
    "",
    true};

constexpr ExporterOption kOptions[] = {kBrokers,    kTopic,    kAcks, kCompression, kTimeout,
                                       kMaxMessage, kClientId, kUser, kPassword,    kProperties};

std::string value(const ExporterSettings& settings, const ExporterOption& option) {
  return std::string(settings.get(option.key, option.fallback));
}

// librdkafka's minimum; ours may be lower
constexpr size_t kLeastLimit = 1000;

size_t max_message(const ExporterSettings& settings) {
  const std::string text = value(settings, kMaxMessage);
  size_t bytes = 0;
  std::from_chars(text.data(), text.data() + text.size(), bytes);
  return bytes;
}

// key=value;key=value. Any part of it may belong to a password, so errors do not show it.
Status add_properties(std::string_view text, Properties& properties) {
  for (int entry = 1; !text.empty(); ++entry) {
    const size_t end = std::min(text.find(';'), text.size());
    const std::string_view part = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    const size_t equals = part.find('=');
    if (part.empty()) continue;
    if (equals == std::string_view::npos || equals == 0) {
      return fail(ExitCode::kConfig, "otlp_kafka: properties: entry " + std::to_string(entry) +
                                         " is none, expected key=value;key=value");
    }
    properties.emplace_back(part.substr(0, equals), part.substr(equals + 1));
  }
  return {};
}

Result<Properties> properties_of(const ExporterSettings& settings) {
  Properties properties = {
      {"bootstrap.servers", value(settings, kBrokers)},
      {"client.id", value(settings, kClientId)},
      {"acks", value(settings, kAcks)},
      {"compression.type", value(settings, kCompression)},
      {"message.timeout.ms", value(settings, kTimeout)},
      {"message.max.bytes", std::to_string(std::max(max_message(settings), kLeastLimit))},
      {"partitioner", "murmur2_random"},              // as Kafka's own clients
      {"topic.metadata.propagation.max.ms", "3000"},  // then an unknown topic is an error
      {"reconnect.backoff.max.ms", "1000"},
      {"linger.ms", "0"},  // a batch has already waited
  };
  for (const ExporterOption& option : {kUser, kPassword}) {
    if (const std::string text = value(settings, option); !text.empty()) {
      properties.emplace_back(option.key, text);
    }
  }
  if (Status status = add_properties(settings.get(kProperties.key), properties); !status) {
    return std::unexpected(status.error());
  }
  return properties;
}

Result<std::unique_ptr<Exporter>> make(const ExporterSettings& settings) {
  const auto properties = properties_of(settings);
  if (!properties) return std::unexpected(properties.error());
  auto producer = Producer::make(*properties, value(settings, kTopic));
  if (!producer) return std::unexpected(producer.error());
  return std::make_unique<KafkaExporter>(std::move(*producer), max_message(settings));
}

}  // namespace

std::span<const ExporterKind> kinds() {
  static constexpr ExporterKind kKinds[] = {{"otlp_kafka", kOptions, false, make}};
  return kKinds;
}

}  // namespace weft::exporters::kafka

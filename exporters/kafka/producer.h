// SPDX-License-Identifier: Apache-2.0
// Sends messages to one topic and waits until the brokers have accepted or refused them.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "agent/base/deadline.h"
#include "exporters/kafka/rdkafka_library.h"

namespace weft::kafka {

struct Message {
  std::string_view key;  // messages with the same key go to one partition, in order
  std::string_view payload;
  uint64_t spans = 0;
};

struct Outcome {
  uint64_t refused = 0;   // spans in messages that the brokers will never accept
  uint64_t failed = 0;    // messages to send again
  std::string message{};  // one line: the reason for either; empty: none
};

// librdkafka's settings by their names, in order: later ones win.
using Properties = std::vector<std::pair<std::string, std::string>>;

// One thread; librdkafka's own threads do the network I/O.
class Producer {
 public:
  // Connects at the first send. Error kConfig: a setting that librdkafka does not know or accept,
  // with its message; kFailure: no librdkafka.
  static Result<std::unique_ptr<Producer>> make(const Properties& properties, std::string topic);
  ~Producer();
  Producer(const Producer&) = delete;
  Producer& operator=(const Producer&) = delete;

  // Returns when every message is acknowledged or has failed. At the deadline, or if no broker can
  // be reached, unacknowledged messages count as failed: they are withdrawn, but a broker may have
  // received them. The bytes are copied.
  Outcome send(std::span<const Message> messages, const Deadline& deadline);

 private:
  Producer(const RdkafkaLibrary& rdkafka, std::string topic)
      : rdkafka_(rdkafka), name_(std::move(topic)) {}
  Status start(const Properties& properties);
  void put(const Message& message);
  void settle(rd_kafka_resp_err_t error, uint64_t spans);
  bool is_hopeless(Deadline::Clock::time_point began) const;
  std::string reason(rd_kafka_resp_err_t error) const;
  static void on_delivery(rd_kafka_t*, const rd_kafka_message_t* message, void* self);
  static void on_error(rd_kafka_t*, int error, const char* reason, void* self);

  const RdkafkaLibrary& rdkafka_;
  const std::string name_;  // the topic's name
  rd_kafka_t* handle_ = nullptr;
  rd_kafka_topic_t* topic_ = nullptr;
  size_t left_ = 0;         // messages in flight
  std::string connection_;  // the last problem with a broker; empty after a success
  // Since when no broker has been reachable; none after a success.
  std::optional<Deadline::Clock::time_point> unreachable_since_;
  Outcome outcome_;
};

}  // namespace weft::kafka

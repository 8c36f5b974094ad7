// SPDX-License-Identifier: Apache-2.0
#include "exporters/kafka/producer.h"

#include <algorithm>

namespace weft::kafka {
namespace {

// How soon a shortened deadline is noticed.
constexpr std::chrono::milliseconds kGlance{50};

// A name may have several addresses, and a broker may be restarting: librdkafka retries this long
// after no broker could be reached, even if a message's timeout is longer.
constexpr std::chrono::seconds kSecondChance{2};

// librdkafka reads the first four bytes of an answer as its length: "HTTP" is this many.
constexpr std::string_view kHttpAsLength = "1213486160";

bool is_refusal(rd_kafka_resp_err_t error) {
  return error == RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE ||
         error == RD_KAFKA_RESP_ERR_RECORD_LIST_TOO_LARGE ||
         error == RD_KAFKA_RESP_ERR_INVALID_RECORD;
}

std::string one_line(std::string text) {
  std::ranges::replace_if(
      text, [](unsigned char c) { return c < 0x20 || c == 0x7f; }, ' ');
  return text;
}

// librdkafka adds this hint itself if the broker closed the connection while it waited for an
// answer, but not if that happened while it was sending.
std::string_view hint(std::string_view text) {
  const bool closed = text.contains("Broken pipe") || text.contains("Connection reset");
  return closed ? ": verify that security.protocol is what the broker expects" : "";
}

// "HOST:PORT/bootstrap: what failed", without librdkafka's internal state.
std::string explained(std::string_view text) {
  if (text.contains(kHttpAsLength)) {
    return one_line(std::string(text.substr(0, text.find(": "))) +
                    ": this port speaks HTTP, not Kafka");
  }
  return one_line(std::string(text.substr(0, text.rfind(" (after ")))) + std::string(hint(text));
}

std::unexpected<Error> fail_to_set(const std::string& key, const char* reason) {
  return fail(ExitCode::kConfig, "otlp_kafka: " + key + ": " + one_line(reason));
}

}  // namespace

Result<std::unique_ptr<Producer>> Producer::make(const Properties& properties, std::string topic) {
  const auto rdkafka = RdkafkaLibrary::load();
  if (!rdkafka) return std::unexpected(rdkafka.error());
  std::unique_ptr<Producer> producer(new Producer(**rdkafka, std::move(topic)));
  if (Status status = producer->start(properties); !status) {
    return std::unexpected(status.error());
  }
  return producer;
}

Status Producer::start(const Properties& properties) {
  char reason[512] = "";
  rd_kafka_conf_t* conf = rdkafka_.conf_new();
  for (const auto& [key, value] : properties) {
    if (rdkafka_.conf_set(conf, key.c_str(), value.c_str(), reason, sizeof reason) ==
        RD_KAFKA_CONF_OK) {
      continue;
    }
    rdkafka_.conf_destroy(conf);
    return fail_to_set(key, reason);
  }
  rdkafka_.conf_set_opaque(conf, this);
  rdkafka_.conf_set_dr_msg_cb(conf, &on_delivery);
  rdkafka_.conf_set_error_cb(conf, &on_error);
  rdkafka_.conf_set_log_cb(conf, nullptr);  // else it writes to standard error
  handle_ = rdkafka_.make(RD_KAFKA_PRODUCER, conf, reason, sizeof reason);
  if (!handle_) {
    rdkafka_.conf_destroy(conf);
    return fail_to_set("properties", reason);
  }
  topic_ = rdkafka_.topic_new(handle_, name_.c_str(), nullptr);
  if (!topic_) return fail_to_set("topic", rdkafka_.err2str(rdkafka_.last_error()));
  return {};
}

Producer::~Producer() {
  if (topic_) rdkafka_.topic_destroy(topic_);
  if (handle_) rdkafka_.destroy(handle_);
}

Outcome Producer::send(std::span<const Message> messages, const Deadline& deadline) {
  outcome_ = {};
  const auto began = Deadline::Clock::now();
  for (const Message& message : messages) put(message);
  while (left_ > 0) {
    if (deadline.passed() || is_hopeless(began)) {
      // librdkafka must not send these later: the caller sends all of them again.
      rdkafka_.purge(handle_, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
    }
    rdkafka_.poll(handle_, static_cast<int>(kGlance.count()));
  }
  return std::move(outcome_);
}

bool Producer::is_hopeless(Deadline::Clock::time_point began) const {
  return unreachable_since_ &&
         Deadline::Clock::now() - std::max(began, *unreachable_since_) > kSecondChance;
}

void Producer::put(const Message& message) {
  const int error =
      rdkafka_.produce(topic_, RD_KAFKA_PARTITION_UA, RD_KAFKA_MSG_F_COPY,
                       const_cast<char*>(message.payload.data()), message.payload.size(),
                       message.key.data(), message.key.size(), const_cast<Message*>(&message));
  ++left_;
  if (error != 0) settle(rdkafka_.last_error(), message.spans);
}

// Records the outcome of one message.
void Producer::settle(rd_kafka_resp_err_t error, uint64_t spans) {
  --left_;
  if (error == RD_KAFKA_RESP_ERR_NO_ERROR) {
    connection_.clear();
    unreachable_since_.reset();
    return;
  }
  if (is_refusal(error)) {
    outcome_.refused += spans;
  } else {
    ++outcome_.failed;
  }
  outcome_.message = reason(error);
}

// A timeout is only a consequence; librdkafka reported its cause before.
std::string Producer::reason(rd_kafka_resp_err_t error) const {
  const bool is_consequence =
      error == RD_KAFKA_RESP_ERR__MSG_TIMED_OUT || error == RD_KAFKA_RESP_ERR__TIMED_OUT ||
      error == RD_KAFKA_RESP_ERR__PURGE_QUEUE || error == RD_KAFKA_RESP_ERR__PURGE_INFLIGHT;
  if (is_consequence && !connection_.empty()) return "Kafka: " + connection_;
  if (is_consequence) return "Kafka: no acknowledgement in time";
  return "Kafka topic " + name_ + ": " + one_line(rdkafka_.err2str(error));
}

void Producer::on_delivery(rd_kafka_t*, const rd_kafka_message_t* message, void* self) {
  const auto* sent = static_cast<const Message*>(message->_private);
  static_cast<Producer*>(self)->settle(message->err, sent->spans);
}

void Producer::on_error(rd_kafka_t*, int error, const char* reason, void* self) {
  auto& producer = *static_cast<Producer*>(self);
  if (error == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN) {
    producer.unreachable_since_ = Deadline::Clock::now();
  } else {
    producer.connection_ = explained(reason);
  }
}

}  // namespace weft::kafka

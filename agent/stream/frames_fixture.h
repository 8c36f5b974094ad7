// SPDX-License-Identifier: Apache-2.0
// For tests of connections whose messages are frames: records in, exchanges out.
#pragma once

#include <gtest/gtest.h>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "agent/stream/connection.h"
#include "tests/support/capture_sink.h"
#include "tests/support/framed_protocol.h"

namespace weft {

// Keeps what is reported, as "name", "name!" for an error, "name?" if abandoned.
class LogSink final : public ExchangeSink {
 public:
  LogSink(test::CaptureSink& told, std::vector<std::string>& log) : told_(told), log_(log) {}

  ExchangeHandle begin(const RequestStart& start) override { return told_.begin(start); }
  void head(ExchangeHandle exchange, const std::optional<TraceContext>& context) override {
    told_.head(exchange, context);
  }
  void end(ExchangeHandle exchange, Outcome&& outcome) override {
    log_.push_back(outcome.name + (outcome.error ? "!" : ""));
    told_.end(exchange, std::move(outcome));
  }
  void abandon(ExchangeHandle exchange) override {
    log_.push_back("?");
    told_.abandon(exchange);
  }
  void handed_over(const Protocol& next) override {
    log_.push_back("-> " + std::string(next.name));
  }

 private:
  test::CaptureSink& told_;
  std::vector<std::string>& log_;
};

class FramesTest : public testing::Test {
 protected:
  explicit FramesTest(const Protocol& protocol = test::kFramed, bool late = false)
      : connection_(info(protocol, late), sessions_, std::make_unique<LogSink>(told_, log_), 0, 1) {
  }

  // Bytes of a record in the request's direction; none has a direction change, except where said.
  void request(std::string_view bytes, uint8_t flags = 0) {
    record(WEFT_DIR_RX, bytes, bytes.size(), flags);
  }
  void response(std::string_view bytes, uint8_t flags = 0) {
    record(WEFT_DIR_TX, bytes, bytes.size(), flags);
  }
  // Bytes of a record that is lost.
  void lose_request(std::string_view bytes) { at_[WEFT_DIR_RX] += bytes.size(); }
  void lose_response(std::string_view bytes) { at_[WEFT_DIR_TX] += bytes.size(); }
  void record(uint8_t dir, std::string_view bytes, size_t len, uint8_t flags = 0) {
    weft_ev_data data{};
    data.h.time = ++time_;
    data.pos = at_[dir];
    data.len = static_cast<uint32_t>(len);
    data.captured = static_cast<uint32_t>(bytes.size());
    data.dir = dir;
    data.flags = flags;
    at_[dir] += len;
    state_ = connection_.on_data(data, bytes);
  }
  void close(uint8_t how) {
    weft_ev_close close{};
    close.how = how;
    close.h.time = ++time_;
    connection_.on_close(close, CloseReason::kEnd);
  }

  std::vector<std::string> log_;
  test::CaptureSink told_;
  Connection::State state_ = Connection::State::kActive;

 private:
  static ConnectionInfoPtr info(const Protocol& protocol, bool late) {
    ConnectionInfo info;
    info.role = Role::kServer;
    info.protocol = &protocol;
    info.late = late;
    return std::make_shared<const ConnectionInfo>(info);
  }

  const SessionFactory sessions_{{}};
  Connection connection_;
  uint64_t time_ = 0;
  uint64_t at_[2] = {0, 0};
};

}  // namespace weft

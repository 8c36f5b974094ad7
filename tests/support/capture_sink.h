// SPDX-License-Identifier: Apache-2.0
// Keeps the exchanges that a session reports. A violated contract aborts, so that it serves unit
// tests and fuzzers alike.
#pragma once

#include <cstdio>
#include <cstdlib>
#include <optional>
#include <utility>
#include <vector>

#include "agent/port/exchange.h"

namespace weft::test {

inline void require(bool condition, const char* what) {
  if (condition) return;
  std::fprintf(stderr, "session contract broken: %s\n", what);
  std::abort();
}

struct Told {
  enum class State { kOpen, kEnded, kAbandoned };
  RequestStart start;
  State state = State::kOpen;
  bool head = false;
  std::optional<TraceContext> context;
  uint64_t went_on = 0;  // the kernel exchange of the last goes_on()
  Outcome outcome;
};

// Keeps what a session reports, and checks that the order is permitted.
class CaptureSink final : public ExchangeSink {
 public:
  ExchangeHandle begin(const RequestStart& start) override {
    told_.emplace_back().start = start;
    return told_.size();
  }
  void head(ExchangeHandle exchange, const std::optional<TraceContext>& context) override {
    Told& told = open(exchange);
    require(!told.head, "head() twice");
    told.head = true;
    told.context = context;
  }
  void goes_on(ExchangeHandle exchange, const Stamp& stamp, uint32_t batch) override {
    Told& told = open(exchange);
    require(stamp.time >= told.start.stamp.time, "goes on before it began");
    told.went_on = stamp.exchange_id;
    told.start.batch = batch;
  }
  void end(ExchangeHandle exchange, Outcome&& outcome) override {
    Told& told = open(exchange);
    require(outcome.end_time >= told.start.stamp.time, "an end before the beginning");
    told.state = Told::State::kEnded;
    told.outcome = std::move(outcome);
  }
  void abandon(ExchangeHandle exchange) override { open(exchange).state = Told::State::kAbandoned; }

  const std::vector<Told>& told() const { return told_; }

 private:
  Told& open(ExchangeHandle exchange) {
    require(exchange > 0 && exchange <= told_.size(), "a handle that begin() never gave");
    Told& told = told_[exchange - 1];
    require(told.state == Told::State::kOpen, "an exchange told after its end");
    return told;
  }

  std::vector<Told> told_;
};

}  // namespace weft::test

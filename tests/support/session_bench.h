// SPDX-License-Identifier: Apache-2.0
// For benchmarks of sessions: passes whole messages as the pipeline does, and counts the exchanges
// that ended. One thread.
#pragma once

#include <array>
#include <benchmark/benchmark.h>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "agent/port/protocol.h"

namespace weft::test {

template <class AnySession>
class SessionBench final : private ExchangeSink {
 public:
  template <class... Args>
  explicit SessionBench(const Args&... args) : session_(args...) {}

  // One message in each direction, in a kernel exchange of its own.
  void exchange(std::string_view request, std::string_view response) {
    ++stamp_.exchange_id;
    move(Direction::kRequest, request);
    move(Direction::kResponse, response);
  }
  // Fails the benchmark if not as many exchanges ended as expected; else they are its items.
  void check(benchmark::State& state, int64_t expected) const {
    if (ended_ != expected) state.SkipWithError("exchanges were lost");
    state.SetItemsProcessed(ended_);
  }

 private:
  ExchangeHandle begin(const RequestStart&) override { return ++begun_; }
  void head(ExchangeHandle, const std::optional<TraceContext>& context) override {
    benchmark::DoNotOptimize(context);
  }
  void end(ExchangeHandle, Outcome&& outcome) override {
    benchmark::DoNotOptimize(outcome);
    ++ended_;
  }
  void abandon(ExchangeHandle) override {}

  void move(Direction direction, std::string_view bytes) {
    uint64_t& pos = pos_[static_cast<size_t>(direction)];
    const std::array<Chunk::Mark, 1> mark{{{pos, stamp_}}};
    session_.on_bytes(direction, Chunk(bytes, pos, mark), *this);
    pos += bytes.size();
  }

  AnySession session_;
  Stamp stamp_;
  uint64_t pos_[2] = {};
  ExchangeHandle begun_ = 0;
  int64_t ended_ = 0;
};

inline std::string repeat(const std::string& text, int n) {
  std::string out;
  for (int i = 0; i < n; ++i) out += text;
  return out;
}

}  // namespace weft::test

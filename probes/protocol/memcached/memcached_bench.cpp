// SPDX-License-Identifier: Apache-2.0
// ns per command: the command and its answer through the session, as the pipeline hands
// them over, outcome included.
#include <array>
#include <benchmark/benchmark.h>
#include <string>

#include "probes/protocol/memcached/session.h"

namespace weft::protocol::memcached {
namespace {

class CountingSink final : public ExchangeSink {
 public:
  ExchangeHandle begin(const RequestStart&) override { return ++begun; }
  void head(ExchangeHandle, const std::optional<TraceContext>& context) override {
    benchmark::DoNotOptimize(context);
  }
  void end(ExchangeHandle, Outcome outcome) override {
    benchmark::DoNotOptimize(outcome);
    ++ended;
  }
  void abandon(ExchangeHandle) override {}

  uint64_t begun = 0;
  uint64_t ended = 0;
};

std::string repeat(const std::string& text, int n) {
  std::string out;
  for (int i = 0; i < n; ++i) out += text;
  return out;
}

const std::string kGet = "get key:000000001234\r\n";
const std::string kHit = "VALUE key:000000001234 0 3\r\nxxx\r\nEND\r\n";
const std::string kSet = "set key:000000001234 0 0 3\r\nxxx\r\n";
const std::string kMeta = "mg key:000000001234 v\r\n";

// A get of n keys, all of them hits.
std::string keys(int n) {
  return "get" + repeat(" key:000000001234", n) + "\r\n";
}
std::string hits(int n) {
  return repeat("VALUE key:000000001234 0 3\r\nxxx\r\n", n) + "END\r\n";
}

// Quiet commands with opaque tokens, every other one a hit.
std::string quiet(int n) {
  std::string out;
  for (int i = 1; i < n; ++i) out += "mg key v q O" + std::to_string(i) + "\r\n";
  return out + "mn\r\n";
}
std::string opaque_hits(int n) {
  std::string out;
  for (int i = 1; i < n; i += 2) out += "VA 1 O" + std::to_string(i) + "\r\nx\r\n";
  return out + "MN\r\n";
}

// A turn of `commands` commands, and of their answers.
void exchange(benchmark::State& state, const std::string& asked, const std::string& told,
              int commands) {
  MemcachedSession session(Role::kServer);
  CountingSink sink;
  uint64_t pos[2] = {};
  uint64_t exchange_id = 0;
  for (auto _ : state) {
    Stamp stamp;
    stamp.exchange_id = ++exchange_id;
    const std::array<Chunk::Mark, 1> ask{{{pos[0], stamp}}};
    const std::array<Chunk::Mark, 1> tell{{{pos[1], stamp}}};
    session.on_bytes(Direction::kRequest, Chunk(asked, pos[0], ask), sink);
    session.on_bytes(Direction::kResponse, Chunk(told, pos[1], tell), sink);
    pos[0] += asked.size();
    pos[1] += told.size();
  }
  const auto expected = static_cast<uint64_t>(state.iterations()) * static_cast<uint64_t>(commands);
  if (sink.ended != expected) state.SkipWithError("exchanges were lost");
  state.SetItemsProcessed(static_cast<int64_t>(sink.ended));
}

BENCHMARK_CAPTURE(exchange, get, kGet, kHit, 1);
BENCHMARK_CAPTURE(exchange, set, kSet, "STORED\r\n", 1);
BENCHMARK_CAPTURE(exchange, error, kSet, "SERVER_ERROR out of memory storing object\r\n", 1);
BENCHMARK_CAPTURE(exchange, meta, kMeta, "VA 3\r\nxxx\r\n", 1);
BENCHMARK_CAPTURE(exchange, get_of_100_keys, keys(100), hits(100), 1);
BENCHMARK_CAPTURE(exchange, get_pipeline_of_100, repeat(kGet, 100), repeat(kHit, 100), 100);
BENCHMARK_CAPTURE(exchange, quiet_pipeline_of_100, quiet(100), opaque_hits(100), 100);
BENCHMARK_CAPTURE(exchange, quiet_pipeline_of_4000, quiet(4000), opaque_hits(4000), 4000);

}  // namespace
}  // namespace weft::protocol::memcached

BENCHMARK_MAIN();

// SPDX-License-Identifier: Apache-2.0
// ns per command: the command and its reply through the session, as the pipeline passes them,
// making the outcome included.
#include <array>
#include <benchmark/benchmark.h>
#include <string>

#include "probes/protocol/redis/session.h"

namespace weft::protocol::redis {
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

const std::string kGet = "*2\r\n$3\r\nGET\r\n$16\r\nkey:000000001234\r\n";
const std::string kSet = "*3\r\n$3\r\nSET\r\n$16\r\nkey:000000001234\r\n$3\r\nxxx\r\n";
const std::string kHmset =
    "*6\r\n$5\r\nHMSET\r\n$6\r\nmyhash\r\n$6\r\nfield1\r\n$5\r\nHello\r\n$6\r\nfield2\r\n$5\r\n"
    "World\r\n";
const std::string kLrange = "*4\r\n$6\r\nLRANGE\r\n$6\r\nmylist\r\n$1\r\n0\r\n$2\r\n99\r\n";

// One message of `commands` commands, and one of as many replies.
void exchange(benchmark::State& state, const std::string& request, const std::string& response,
              int commands) {
  RedisSession session(Role::kServer);
  CountingSink sink;
  const std::string asked = repeat(request, commands);
  const std::string told = repeat(response, commands);
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

BENCHMARK_CAPTURE(exchange, get, kGet, "$3\r\nxxx\r\n", 1);
BENCHMARK_CAPTURE(exchange, set, kSet, "+OK\r\n", 1);
BENCHMARK_CAPTURE(exchange, hmset, kHmset, "+OK\r\n", 1);
BENCHMARK_CAPTURE(exchange, error, kSet, "-WRONGTYPE Operation against a key\r\n", 1);
BENCHMARK_CAPTURE(exchange, lrange_100, kLrange, "*100\r\n" + repeat("$3\r\nxxx\r\n", 100), 1);
BENCHMARK_CAPTURE(exchange, get_pipeline_of_100, kGet, "$3\r\nxxx\r\n", 100);

}  // namespace
}  // namespace weft::protocol::redis

BENCHMARK_MAIN();

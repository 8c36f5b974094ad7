// SPDX-License-Identifier: Apache-2.0
// ns per exchange: a statement and its response through the session, as the pipeline passes
// them, removing literals and making the outcome included.
#include <array>
#include <benchmark/benchmark.h>
#include <string>
#include <vector>

#include "probes/protocol/postgresql/conversation_test.h"
#include "probes/protocol/postgresql/session.h"

namespace weft::protocol::postgresql {
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

class Pipe {
 public:
  void exchange(std::string_view request, std::string_view response) {
    stamp_.exchange_id += 1;
    move(Direction::kRequest, request);
    move(Direction::kResponse, response);
  }
  uint64_t ended() const { return sink_.ended; }

 private:
  void move(Direction direction, std::string_view bytes) {
    uint64_t& pos = pos_[static_cast<size_t>(direction)];
    const std::array<Chunk::Mark, 1> mark{{{pos, stamp_}}};
    session_.on_bytes(direction, Chunk(bytes, pos, mark), sink_);
    pos += bytes.size();
  }

  PostgresqlSession session_{SessionOptions{}};
  CountingSink sink_;
  Stamp stamp_;
  uint64_t pos_[2] = {};
};

void exchange(benchmark::State& state, const std::string& request, const std::string& response) {
  Pipe pipe;
  pipe.exchange(startup(), greeting());
  pipe.exchange(parse("s1", "SELECT abalance FROM pgbench_accounts WHERE aid = $1") + kSync,
                kParsed + ready());
  for (auto _ : state) pipe.exchange(request, response);
  if (pipe.ended() != static_cast<uint64_t>(state.iterations()) + 1)
    state.SkipWithError("exchanges were lost");
}

// A new text each time: the cache does not have it.
void new_texts(benchmark::State& state) {
  Pipe pipe;
  pipe.exchange(startup(), greeting());
  std::vector<std::string> requests;
  for (int i = 0; i < 10000; ++i)
    requests.push_back(query(
        "SELECT abalance FROM pgbench_accounts WHERE aid = " + std::to_string(10000 + i) + ";"));
  const std::string response = rows() + ready();
  size_t i = 0;
  for (auto _ : state) pipe.exchange(requests[i++ % requests.size()], response);
  if (pipe.ended() != static_cast<uint64_t>(state.iterations()))
    state.SkipWithError("exchanges were lost");
}
BENCHMARK(new_texts);

const std::string kPgbench = "SELECT abalance FROM pgbench_accounts WHERE aid = 4711;";

BENCHMARK_CAPTURE(exchange, simple_select_1, query("SELECT 1"), rows() + ready());
BENCHMARK_CAPTURE(exchange, simple_pgbench, query(kPgbench), rows() + ready());
BENCHMARK_CAPTURE(exchange, simple_commit, query("COMMIT"), complete("COMMIT") + ready());
BENCHMARK_CAPTURE(exchange, extended_unnamed,
                  parse("", kPgbench) + bind_portal("", "") + describe('P', "") + execute() + kSync,
                  kParsed + kBound + rows() + ready());
BENCHMARK_CAPTURE(exchange, extended_prepared, bind_portal("", "s1") + execute() + kSync,
                  kBound + row() + complete("SELECT 1") + ready());

void large_result(benchmark::State& state) {
  std::string response = columns();
  for (int i = 0; i < 1000; ++i) response += row(std::string(90, 'r'));
  response += complete("SELECT 1000") + ready();
  exchange(state, query("SELECT 1"), response);
  state.SetBytesProcessed(state.iterations() * static_cast<int64_t>(response.size()));
}
BENCHMARK(large_result);

}  // namespace
}  // namespace weft::protocol::postgresql

BENCHMARK_MAIN();

// SPDX-License-Identifier: Apache-2.0
// ns per exchange: a statement and its response through the session, as the pipeline passes
// them, removing literals and making the outcome included.
#include <benchmark/benchmark.h>
#include <string>
#include <vector>

#include "probes/protocol/postgresql/conversation_test.h"
#include "probes/protocol/postgresql/session.h"
#include "tests/support/session_bench.h"

namespace weft::protocol::postgresql {
namespace {

void exchange(benchmark::State& state, const std::string& request, const std::string& response) {
  test::SessionBench<PostgresqlSession> pipe(SessionOptions{});
  pipe.exchange(startup(), greeting());
  pipe.exchange(parse("s1", "SELECT abalance FROM pgbench_accounts WHERE aid = $1") + kSync,
                kParsed + ready());
  for (auto _ : state) pipe.exchange(request, response);
  pipe.check(state, static_cast<int64_t>(state.iterations()) + 1);
}

// A new text each time: the cache does not have it.
void new_texts(benchmark::State& state) {
  test::SessionBench<PostgresqlSession> pipe(SessionOptions{});
  pipe.exchange(startup(), greeting());
  std::vector<std::string> requests;
  for (int i = 0; i < 10000; ++i)
    requests.push_back(query(
        "SELECT abalance FROM pgbench_accounts WHERE aid = " + std::to_string(10000 + i) + ";"));
  const std::string response = rows() + ready();
  size_t i = 0;
  for (auto _ : state) pipe.exchange(requests[i++ % requests.size()], response);
  pipe.check(state, static_cast<int64_t>(state.iterations()));
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

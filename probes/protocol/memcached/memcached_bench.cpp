// SPDX-License-Identifier: Apache-2.0
// ns per command: the command and its answer through the session, as the pipeline hands
// them over, outcome included.
#include <benchmark/benchmark.h>
#include <string>

#include "probes/protocol/memcached/session.h"
#include "tests/support/session_bench.h"

namespace weft::protocol::memcached {
namespace {

using test::repeat;

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

// One message of `commands` commands, and one of their answers.
void exchange(benchmark::State& state, const std::string& asked, const std::string& answered,
              int commands) {
  test::SessionBench<MemcachedSession> bench(Role::kServer);
  for (auto _ : state) bench.exchange(asked, answered);
  bench.check(state, static_cast<int64_t>(state.iterations()) * commands);
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

// SPDX-License-Identifier: Apache-2.0
// ns per command: the command and its reply through the session, as the pipeline passes them,
// making the outcome included.
#include <benchmark/benchmark.h>
#include <string>

#include "probes/protocol/redis/session.h"
#include "tests/support/session_bench.h"

namespace weft::protocol::redis {
namespace {

using test::repeat;

const std::string kGet = "*2\r\n$3\r\nGET\r\n$16\r\nkey:000000001234\r\n";
const std::string kSet = "*3\r\n$3\r\nSET\r\n$16\r\nkey:000000001234\r\n$3\r\nxxx\r\n";
const std::string kHmset =
    "*6\r\n$5\r\nHMSET\r\n$6\r\nmyhash\r\n$6\r\nfield1\r\n$5\r\nHello\r\n$6\r\nfield2\r\n$5\r\n"
    "World\r\n";
const std::string kLrange = "*4\r\n$6\r\nLRANGE\r\n$6\r\nmylist\r\n$1\r\n0\r\n$2\r\n99\r\n";

// One message of `commands` commands, and one of as many replies.
void exchange(benchmark::State& state, const std::string& request, const std::string& response,
              int commands) {
  test::SessionBench<RedisSession> bench(Role::kServer);
  const std::string asked = repeat(request, commands);
  const std::string answered = repeat(response, commands);
  for (auto _ : state) bench.exchange(asked, answered);
  bench.check(state, static_cast<int64_t>(state.iterations()) * commands);
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

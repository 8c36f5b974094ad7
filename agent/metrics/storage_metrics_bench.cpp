// SPDX-License-Identifier: Apache-2.0
// ns per counted operation, and per value added to a histogram.
#include <benchmark/benchmark.h>

#include "agent/metrics/storage_metrics.h"
#include "agent/metrics/test_engine.h"

namespace weft::metrics {
namespace {

constexpr Engine kEngine = engine_called("postgresql");

void observe(benchmark::State& state) {
  Histogram histogram(kDurations);
  uint64_t value = 1;
  for (auto _ : state) {
    histogram.observe(value >> 32);
    value = value * 6364136223846793005 + 1442695040888963407;  // Knuth's MMIX
  }
  benchmark::DoNotOptimize(histogram.sum());
}
BENCHMARK(observe);

// N processes, each with four operations on one of two files.
void operation(benchmark::State& state) {
  static constexpr std::string_view kOperations[] = {"wal.write", "wal.sync", "wal.flush",
                                                     "wal.wait"};
  static constexpr std::string_view kFiles[] = {
      "/var/lib/postgresql/15/main/pg_wal/00000001000000000000002A",
      "/var/lib/postgresql/15/main/pg_wal/00000001000000000000002B"};
  CounterSet counters;
  StorageMetrics metrics([](uint32_t) { return "postgres"; }, counters);
  const auto processes = static_cast<uint32_t>(state.range(0));
  uint32_t i = 0;
  for (auto _ : state) {
    metrics.operation({.engine = &kEngine,
                       .instance = i / 8 % processes,
                       .operation = kOperations[i % 4],
                       .file = kFiles[i / 4 % 2],
                       .duration = i,
                       .bytes = 8192,
                       .failed = false});
    ++i;
  }
}
BENCHMARK(operation)->Arg(1)->Arg(100);

}  // namespace
}  // namespace weft::metrics

BENCHMARK_MAIN();

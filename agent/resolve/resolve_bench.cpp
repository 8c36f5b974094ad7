// SPDX-License-Identifier: Apache-2.0
// The cost of attaching to one PostgreSQL.
#include <array>
#include <benchmark/benchmark.h>

#include "agent/resolve/locate.h"

namespace weft::resolve {
namespace {

constexpr char kPostgres[] = "/usr/lib/postgresql/15/bin/postgres";
constexpr Locator kSix[] = {
    Locator::symbol("XLogFlush"),         Locator::symbol("XLogInsert"),
    Locator::symbol("SyncRepWaitForLSN"), Locator::symbol("LWLockAcquireOrWait"),
    Locator::object("MyBEEntry"),         Locator::symbol("pgstat_report_activity"),
};
constexpr Locator kStatic = Locator::callee_calling("XLogFlush", "pwrite");

void six_symbols(benchmark::State& state) {
  for (auto _ : state) {
    const auto binary = Binary::open(kPostgres);
    if (!binary) return state.SkipWithError("not installed");
    for (const Locator& locator : kSix) {
      benchmark::DoNotOptimize(locate(**binary, {&locator, 1}));
    }
  }
}
BENCHMARK(six_symbols);

void static_function(benchmark::State& state) {
  for (auto _ : state) {
    const auto binary = Binary::open(kPostgres);
    if (!binary) return state.SkipWithError("not installed");
    benchmark::DoNotOptimize(locate(**binary, {&kStatic, 1}));
  }
}
BENCHMARK(static_function);

void direct_calls(benchmark::State& state) {
  const auto binary = Binary::open(kPostgres);
  if (!binary) return state.SkipWithError("not installed");
  const auto flush = (*binary)->symbols().find("XLogFlush");
  // Fewer iterations than the budget of one Binary allows.
  for (auto _ : state) benchmark::DoNotOptimize((*binary)->calls().direct_calls(flush->address));
}
BENCHMARK(direct_calls)->Iterations(100);

}  // namespace
}  // namespace weft::resolve

BENCHMARK_MAIN();

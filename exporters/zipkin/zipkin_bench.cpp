// SPDX-License-Identifier: Apache-2.0
// ns per span to write Zipkin's JSON.
#include "exporters/otlp/encode/bench_batch.h"
#include "exporters/zipkin/encoder.h"

namespace weft::zipkin {
namespace {

void zipkin_json(benchmark::State& state) {
  Encoder encoder;
  otlp::measure(state, [&](const auto& batch) { return encoder.encode(batch).size(); });
}
BENCHMARK(zipkin_json);

}  // namespace
}  // namespace weft::zipkin

BENCHMARK_MAIN();

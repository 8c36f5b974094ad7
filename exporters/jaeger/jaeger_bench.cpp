// SPDX-License-Identifier: Apache-2.0
// ns per span to write Jaeger's Thrift.
#include "exporters/jaeger/encoder.h"
#include "exporters/otlp/encode/bench_batch.h"
#include "exporters/otlp/encode/group.h"

namespace weft::jaeger {
namespace {

void jaeger_thrift(benchmark::State& state) {
  Encoder encoder;
  otlp::measure(state, [&](const auto& batch) {
    size_t bytes = 0;
    for (const otlp::Group& group : otlp::by_resource(batch)) {
      bytes += encoder.encode(group.resource, group.spans).size();
    }
    return bytes;
  });
}
BENCHMARK(jaeger_thrift);

}  // namespace
}  // namespace weft::jaeger

BENCHMARK_MAIN();

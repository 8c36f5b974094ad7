// SPDX-License-Identifier: Apache-2.0
// ns per span to write OTLP, as protobuf and as JSON.
#include "exporters/otlp/encode/bench_batch.h"
#include "exporters/otlp/encode/json.h"
#include "exporters/otlp/encode/proto.h"

namespace weft::otlp {
namespace {

void otlp_protobuf(benchmark::State& state) {
  ProtoEncoder encoder;
  measure(state, [&](const auto& batch) { return encoder.encode(batch).size(); });
}
BENCHMARK(otlp_protobuf);

void otlp_json(benchmark::State& state) {
  measure(state, [](const auto& batch) {
    std::string out;
    append_request_json(out, batch);
    return out.size();
  });
}
BENCHMARK(otlp_json);

}  // namespace
}  // namespace weft::otlp

BENCHMARK_MAIN();

// SPDX-License-Identifier: Apache-2.0
// ns per span to make X-Ray's datagrams.
#include "exporters/otlp/encode/bench_batch.h"
#include "exporters/xray/xray_exporter.h"

namespace weft::xray {
namespace {

void xray_datagrams(benchmark::State& state) {
  XrayExporter exporter({.host = "127.0.0.1", .port = "2000"}, {});
  otlp::measure(state,
                [&](const auto& batch) { return exporter.pack(batch).parcels.at(0).bytes.size(); });
}
BENCHMARK(xray_datagrams);

}  // namespace
}  // namespace weft::xray

BENCHMARK_MAIN();

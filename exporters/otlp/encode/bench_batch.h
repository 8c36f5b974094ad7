// SPDX-License-Identifier: Apache-2.0
// For benchmarks: 512 ordinary client spans of 8 services, 12 attributes each, and a loop that
// measures encoding them.
#pragma once

#include <benchmark/benchmark.h>
#include <vector>

#include "agent/base/semconv.h"
#include "agent/span/span.h"

namespace weft::otlp {

inline ResourcePtr bench_resource(int n) {
  auto resource = std::make_shared<Resource>();
  Attributes& attributes = resource->attributes;
  attributes.set(semconv::kServiceName, "service-" + std::to_string(n));
  attributes.set(semconv::kServiceInstanceId, "0b7e6c52-4f0c-4f0e-9c86-4c9c6a7d5b1e");
  attributes.set(semconv::kTelemetrySdkName, "weft");
  attributes.set(semconv::kTelemetrySdkLanguage, "cpp");
  attributes.set(semconv::kProcessPid, 4711 + n);
  attributes.set(semconv::kProcessExecutableName, "python3.11");
  attributes.set(semconv::kProcessExecutablePath, "/usr/bin/python3.11");
  attributes.set(semconv::kHostName, "node-17.example");
  return resource;
}

inline SpanPtr bench_span(ResourcePtr resource, int n) {
  auto span = std::make_shared<Span>();
  span->trace = TraceId::random();
  span->id = SpanId::random();
  span->parent = SpanId::random();
  span->trace_flags = 1;
  span->name = "GET /orders/{id}";
  span->kind = SpanKind::kClient;
  span->start = 1'784'712'660'000'000'000 + static_cast<uint64_t>(n) * 1'000'003;
  span->end = span->start + 17'700'123;
  Attributes& attributes = span->attributes;
  attributes.set(semconv::kHttpRequestMethod, "GET");
  attributes.set(semconv::kUrlFull,
                 "http://stock.example:8080/orders/" + std::to_string(n) + "?book=1");
  attributes.set(semconv::kUrlScheme, "http");
  attributes.set(semconv::kServerAddress, "stock.example");
  attributes.set(semconv::kServerPort, 8080);
  attributes.set(semconv::kHttpResponseStatusCode, 200);
  attributes.set(semconv::kNetworkPeerAddress, "10.0.17.4");
  attributes.set(semconv::kNetworkPeerPort, 8080);
  attributes.set(semconv::kNetworkProtocolVersion, "1.1");
  attributes.set(semconv::kUserAgentOriginal, "python-requests/2.32.3");
  attributes.set(semconv::kHttpResponseBodySize, 1834 + n);
  attributes.set(semconv::kWeftCorrelation, "thread");
  span->resource = std::move(resource);
  return span;
}

inline std::vector<SpanPtr> bench_batch() {
  constexpr int kSpans = 512;
  constexpr int kServices = 8;
  std::vector<ResourcePtr> resources;
  for (int i = 0; i < kServices; ++i) resources.push_back(bench_resource(i));
  std::vector<SpanPtr> batch;
  for (int i = 0; i < kSpans; ++i)
    batch.push_back(bench_span(resources[static_cast<size_t>(i % kServices)], i));
  return batch;
}

// `encode` takes the batch and returns the number of encoded bytes.
template <class Encode>
void measure(benchmark::State& state, const Encode& encode) {
  const auto batch = bench_batch();
  size_t bytes = 0;
  for (auto _ : state) bytes = encode(batch);
  const auto spans = static_cast<double>(batch.size());
  state.counters["per_span"] = benchmark::Counter(
      spans, benchmark::Counter::kIsIterationInvariantRate | benchmark::Counter::kInvert);
  state.counters["bytes_per_span"] = static_cast<double>(bytes) / spans;
}

}  // namespace weft::otlp

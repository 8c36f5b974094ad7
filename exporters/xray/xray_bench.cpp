// SPDX-License-Identifier: Apache-2.0
// What a span costs as X-Ray datagrams: a batch as the agent makes them.
#include <benchmark/benchmark.h>

#include "agent/base/semconv.h"
#include "exporters/xray/xray_exporter.h"

namespace weft::xray {
namespace {

ResourcePtr resource(int n) {
  auto out = std::make_shared<Resource>();
  out->attributes.set(semconv::kServiceName, "service-" + std::to_string(n));
  out->attributes.set(semconv::kServiceVersion, "1.2.3");
  out->attributes.set(semconv::kProcessPid, 4000 + n);
  out->attributes.set(semconv::kHostName, "node-1.example");
  out->attributes.set(semconv::kProcessExecutableName, "shop");
  out->attributes.set(semconv::kTelemetrySdkName, "weft");
  return out;
}

std::shared_ptr<Span> span_of(SpanKind kind, ResourcePtr resource) {
  auto span = std::make_shared<Span>();
  span->trace = TraceId::random();
  span->id = SpanId::random();
  span->parent = SpanId::random();
  span->name = kind == SpanKind::kServer ? "GET /cart/{id}" : "SELECT item";
  span->kind = kind;
  span->start = 1'544'712'660'123'456'789;
  span->end = span->start + 1'234'567;
  span->resource = std::move(resource);
  return span;
}

SpanPtr server(ResourcePtr resource) {
  auto span = span_of(SpanKind::kServer, std::move(resource));
  Attributes& a = span->attributes;
  a.set(semconv::kHttpRequestMethod, "GET");
  a.set(semconv::kUrlScheme, "http");
  a.set(semconv::kUrlPath, "/cart/1234");
  a.set(semconv::kServerAddress, "shop.example");
  a.set(semconv::kServerPort, 8080);
  a.set(semconv::kClientAddress, "10.0.0.9");
  a.set(semconv::kNetworkPeerAddress, "10.0.0.9");
  a.set(semconv::kNetworkPeerPort, 51234);
  a.set(semconv::kNetworkProtocolVersion, "1.1");
  a.set(semconv::kUserAgentOriginal, "Mozilla/5.0 (X11; Linux x86_64)");
  a.set(semconv::kHttpResponseStatusCode, 200);
  a.set(semconv::kHttpResponseBodySize, 512);
  return span;
}

SpanPtr client(ResourcePtr resource) {
  auto span = span_of(SpanKind::kClient, std::move(resource));
  Attributes& a = span->attributes;
  a.set(semconv::kDbSystemName, "postgresql");
  a.set(semconv::kDbNamespace, "stock");
  a.set(semconv::kDbQueryText, "SELECT id, name, price FROM item WHERE id = $1 AND price < $2");
  a.set(semconv::kDbQuerySummary, "SELECT item");
  a.set(semconv::kDbOperationName, "SELECT");
  a.set(semconv::kServerAddress, "db.example");
  a.set(semconv::kServerPort, 5432);
  a.set(semconv::kNetworkPeerAddress, "10.0.0.2");
  a.set(semconv::kNetworkPeerPort, 5432);
  a.set(semconv::kNetworkTransport, "tcp");
  a.set(semconv::kWeftCorrelation, "thread");
  a.set("db.response.returned_rows", 1);
  return span;
}

// 512 spans of 12 attributes each, of 8 services, every other one a call.
void pack(benchmark::State& state) {
  std::vector<SpanPtr> batch;
  std::vector<ResourcePtr> resources;
  for (int i = 0; i < 8; ++i) resources.push_back(resource(i));
  for (size_t i = 0; i < 512; ++i) {
    batch.push_back(i % 2 ? client(resources[i % 8]) : server(resources[i % 8]));
  }
  XrayExporter exporter({.host = "127.0.0.1", .port = "2000"}, {});
  size_t bytes = 0;
  for (auto _ : state) bytes = exporter.pack(batch).parcels.at(0).bytes.size();
  state.SetItemsProcessed(state.iterations() * 512);
  state.counters["bytes/span"] = static_cast<double>(bytes) / 512;
}
BENCHMARK(pack);

}  // namespace
}  // namespace weft::xray

BENCHMARK_MAIN();

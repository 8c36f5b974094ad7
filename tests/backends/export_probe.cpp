// SPDX-License-Identifier: Apache-2.0
// export_probe KIND BATCHES [key=value…]: sends a known trace through one of the agent's own
// exporters, BATCHES times on one exporter (each time as another trace), and prints one line
// per batch: the trace id. Exit 1 when a batch is not delivered, 2 for a wrong call.
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "agent/base/clock.h"
#include "agent/base/semconv.h"
#include "agent/port/exporter.h"

namespace weft {
namespace {

ResourcePtr service(const char* name) {
  auto resource = std::make_shared<Resource>();
  resource->attributes.set(semconv::kServiceName, name);
  resource->attributes.set(semconv::kTelemetrySdkName, "weft");
  return resource;
}

std::shared_ptr<Span> request(const TraceId& trace, const SpanId& parent, SpanKind kind,
                              ResourcePtr resource) {
  auto span = std::make_shared<Span>();
  span->trace = trace;
  span->id = SpanId::random();
  span->parent = parent;
  span->trace_flags = 0x01;
  span->name = "GET";
  span->kind = kind;
  span->end = unix_ns();
  span->start = span->end - 1'000'000;
  span->attributes.set(semconv::kHttpRequestMethod, "GET");
  span->attributes.set(semconv::kHttpResponseStatusCode, 503);
  span->resource = std::move(resource);
  return span;
}

// shop's client span, and stock's server span below it, which fails.
std::vector<SpanPtr> known_trace() {
  static const ResourcePtr shop = service("shop");
  static const ResourcePtr stock = service("stock");
  const TraceId trace = TraceId::random();
  const auto client = request(trace, {}, SpanKind::kClient, shop);
  client->attributes.set(semconv::kUrlFull, "http://stock/żółć?q=\"1\"");
  const auto server = request(trace, client->id, SpanKind::kServer, stock);
  server->parent_is_remote = true;
  server->status = StatusCode::kError;
  server->attributes.set(semconv::kErrorType, "503");
  server->attributes.set(Key::intern("http.request.header.x-list"),
                         Value(std::vector<std::string>{"a", "b"}));
  server->events.push_back({.time = server->start, .name = "late"});
  server->links.push_back({.trace = TraceId::random(), .span = SpanId::random()});
  return {client, server};
}

Result<std::unique_ptr<Exporter>> make(const char* name, const ExporterSettings& settings) {
  for (const ExporterKind& kind : exporter_kinds()) {
    if (kind.name == name) return kind.make(settings);
  }
  return fail(ExitCode::kUsage, std::string("no exporter ") + name);
}

int run(int argc, char** argv) {
  if (argc < 3) return 2;
  ExporterSettings settings;
  for (int i = 3; i < argc; ++i) {
    char* equals = std::strchr(argv[i], '=');
    if (!equals) return 2;
    settings.values[std::string(argv[i], equals)] = equals + 1;
  }
  const auto exporter = make(argv[1], settings);
  if (!exporter) return fprintf(stderr, "%s\n", exporter.error().message.c_str()), 2;
  for (int n = std::atoi(argv[2]); n > 0; --n) {
    const auto batch = known_trace();
    const auto delivery = (*exporter)->deliver(batch, Deadline::in(std::chrono::seconds(30)));
    if (!delivery.message.empty()) fprintf(stderr, "%s\n", delivery.message.c_str());
    if (delivery.kind != Delivery::Kind::kDelivered || delivery.rejected != 0) return 1;
    printf("%s\n", batch[0]->trace.hex().c_str());
  }
  return 0;
}

}  // namespace
}  // namespace weft

int main(int argc, char** argv) {
  return weft::run(argc, argv);
}

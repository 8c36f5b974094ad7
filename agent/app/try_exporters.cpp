// SPDX-License-Identifier: Apache-2.0
// export-test: sends a made-up trace through each exporter, to test it without traffic.
#include <cstdio>
#include <optional>

#include "agent/app/run.h"
#include "agent/base/clock.h"
#include "agent/base/semconv.h"
#include "agent/base/version.h"
#include "agent/config/exporter_options.h"

namespace weft::app {
namespace {

using std::chrono::seconds;

constexpr seconds kPatience{10};
constexpr uint64_t kMillisecond = 1'000'000;

ResourcePtr resource() {
  auto resource = std::make_shared<Resource>();
  resource->attributes.set(semconv::kServiceName, "weft-export-test");
  resource->attributes.set(semconv::kTelemetrySdkName, "weft");
  resource->attributes.set(semconv::kTelemetrySdkVersion, kVersion);
  return resource;
}

// A request of 5 ms that ended now, containing a query of 3 ms.
std::vector<SpanPtr> made_up_trace() {
  const auto request = std::make_shared<Span>();
  request->trace = TraceId::random();
  request->id = SpanId::random();
  request->trace_flags = 1;
  request->name = "GET /weft-export-test";
  request->kind = SpanKind::kServer;
  request->end = unix_ns();
  request->start = request->end - 5 * kMillisecond;
  request->attributes.set(semconv::kHttpRequestMethod, "GET");
  request->attributes.set(semconv::kUrlPath, "/weft-export-test");
  request->attributes.set(semconv::kHttpResponseStatusCode, 200);
  request->resource = resource();
  const auto query = std::make_shared<Span>(*request);
  query->id = SpanId::random();
  query->parent = request->id;
  query->name = "SELECT";
  query->kind = SpanKind::kClient;
  query->start = request->start + kMillisecond;
  query->end = request->end - kMillisecond;
  query->attributes = {};
  query->attributes.set(semconv::kDbSystemName, "postgresql");
  return {request, query};
}

// Empty: delivered.
std::string try_to_deliver(Exporter& exporter, std::span<const SpanPtr> trace) {
  const Deadline deadline = Deadline::in(kPatience);
  const Delivery delivery = exporter.deliver(trace, deadline);
  exporter.finish(deadline);
  const bool all = delivery.kind == Delivery::Kind::kDelivered && delivery.rejected == 0;
  if (all) return {};
  return delivery.message.empty() ? "not delivered" : delivery.message;
}

// The exporter kind's `look` text with the trace id filled in.
std::string where_to_look(const ExporterKind& kind, const std::string& trace) {
  std::string text(kind.look);
  if (const size_t at = text.find("{trace}"); at != text.npos) text.replace(at, 7, trace);
  return text.empty() ? "trace " + trace + " of service weft-export-test" : text;
}

// False: not delivered. Error: the exporter cannot be made.
Result<bool> test(const ExporterConfig& wanted) {
  const ExporterKind* kind = find_kind(exporter_kinds(), wanted.kind);
  if (!kind) return fail(ExitCode::kConfig, "no exporter kind '" + wanted.kind + "'");
  auto exporter = kind->make(wanted.settings);
  if (!exporter) return std::unexpected(exporter.error());
  const auto trace = made_up_trace();
  const std::string fault = try_to_deliver(**exporter, trace);
  const std::string end = fault.empty()
                              ? "delivered: " + where_to_look(*kind, trace.front()->trace.hex())
                              : "not delivered: " + fault;
  exporter->reset();  // emits what it holds back, before the result is printed
  std::printf("%s: %s\n", wanted.kind.c_str(), end.c_str());
  return fault.empty();
}

}  // namespace

Status export_test(const cli::Invocation& invocation) {
  size_t failed = 0;
  for (const ExporterConfig& wanted : invocation.config.exporters) {
    const Result<bool> delivered = test(wanted);
    if (!delivered) return std::unexpected(delivered.error());
    failed += *delivered ? 0 : 1;
  }
  if (failed == 0) return {};
  return fail(ExitCode::kUnreachable, std::to_string(failed) + " of " +
                                          std::to_string(invocation.config.exporters.size()) +
                                          " exporters did not deliver");
}

}  // namespace weft::app

// SPDX-License-Identifier: Apache-2.0
// For tests: exporters as the registry makes them, and what arrived at a server.
#pragma once

#include <opentelemetry/proto/collector/trace/v1/trace_service.pb.h>
#include <string>

#include "agent/port/exporter.h"
#include "exporters/otlp/encode/sample_spans.h"

namespace weft::exporters::otlp {
std::span<const ExporterKind> kinds();
}

namespace weft::otlp {

inline Result<std::unique_ptr<Exporter>> make(std::string_view kind, ExporterSettings settings) {
  for (const ExporterKind& candidate : exporters::otlp::kinds()) {
    if (candidate.name == kind) return candidate.make(settings);
  }
  return fail(ExitCode::kFailure, "no such kind");
}

// Number of spans in a protobuf request; -1: not one.
inline int spans_in(const std::string& bytes) {
  opentelemetry::proto::collector::trace::v1::ExportTraceServiceRequest request;
  if (!request.ParseFromString(bytes)) return -1;
  int n = 0;
  for (const auto& resource : request.resource_spans()) {
    for (const auto& scope : resource.scope_spans()) n += scope.spans_size();
  }
  return n;
}

inline Delivery send(Exporter& exporter) {
  const auto batch = sample_batch();
  return exporter.deliver(batch, Deadline::in(std::chrono::minutes(1)));
}

}  // namespace weft::otlp

// SPDX-License-Identifier: Apache-2.0
// OpenTelemetry's span model; immutable once it leaves the stitcher.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "agent/base/attribute.h"
#include "agent/base/ids.h"
#include "agent/base/semconv.h"
#include "agent/base/span_parts.h"
#include "agent/port/sink.h"

namespace weft {

// A process as an OpenTelemetry resource. One object per process, shared by its spans. Immutable: a
// change makes a new object. Exporters may cache by address while they hold the pointer.
struct Resource {
  Attributes attributes;  // service.name is always present
  // The schema of its attributes and its spans'; empty: no single schema applies.
  std::string_view schema_url = semconv::kSchemaUrl;
};
using ResourcePtr = std::shared_ptr<const Resource>;

enum class StatusCode : uint8_t { kUnset = 0, kOk = 1, kError = 2 };  // OTLP's numbers

struct SpanEvent {
  uint64_t time = 0;  // Unix ns
  std::string name;
  Attributes attributes{};
  uint32_t dropped_attributes = 0;
};

struct Span {
  TraceId trace;
  SpanId id;
  SpanId parent;                  // invalid: root
  bool parent_is_remote = false;  // the parent span belongs to another process
  uint8_t trace_flags = 0;        // W3C: sampled, random
  std::string trace_state;
  std::string name;
  SpanKind kind = SpanKind::kInternal;
  uint64_t start = 0;  // Unix ns
  uint64_t end = 0;    // ≥ start
  StatusCode status = StatusCode::kUnset;
  std::string status_message;
  Attributes attributes;
  std::vector<SpanEvent> events;
  std::vector<SpanLink> links;
  uint32_t dropped_attributes = 0;
  uint32_t dropped_events = 0;
  uint32_t dropped_links = 0;
  ResourcePtr resource;  // never null
};
using SpanPtr = std::shared_ptr<const Span>;
using SpanSink = Sink<SpanPtr>;

}  // namespace weft

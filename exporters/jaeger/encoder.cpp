// SPDX-License-Identifier: Apache-2.0
#include "exporters/jaeger/encoder.h"

#include "agent/base/semconv.h"
#include "agent/base/version.h"
#include "exporters/jaeger/tags.h"
#include "exporters/jaeger/thrift_writer.h"
#include "exporters/otlp/encode/group.h"

namespace weft::jaeger {
namespace {

constexpr size_t kTypicalSpan = 1000;
constexpr Key kError = "error";

// Field ids of jaeger.thrift.
namespace batch_field {
constexpr uint8_t kProcess = 1, kSpans = 2;
}
namespace process_field {
constexpr uint8_t kService = 1, kTags = 2;
}
namespace span_field {
constexpr uint8_t kTraceLow = 1, kTraceHigh = 2, kId = 3, kParent = 4, kName = 5, kReferences = 6,
                  kFlags = 7, kStart = 8, kDuration = 9, kTags = 10, kLogs = 11;
}
namespace log_field {
constexpr uint8_t kTime = 1, kFields = 2;
}
namespace reference_field {
constexpr uint8_t kType = 1, kTraceLow = 2, kTraceHigh = 3, kSpan = 4;
}
enum ReferenceType : int32_t { kChildOf = 0, kFollowsFrom = 1 };

std::string_view name_of(SpanKind kind) {
  switch (kind) {
    case SpanKind::kInternal:
      break;
    case SpanKind::kServer:
      return "server";
    case SpanKind::kClient:
      return "client";
    case SpanKind::kProducer:
      return "producer";
    case SpanKind::kConsumer:
      return "consumer";
  }
  return "internal";
}

uint64_t half(const TraceId& id, size_t from) {
  uint64_t value = 0;
  for (size_t i = from; i < from + 8; ++i) value = value << 8 | id.bytes[i];
  return value;
}

std::string process_bytes(const Resource& resource) {
  std::string out;
  ThriftWriter thrift(out);
  thrift.begin(batch_field::kProcess);
  thrift.text(process_field::kService, resource.attributes.text(semconv::kServiceName));
  {
    Tags tags(out, process_field::kTags);
    for (const Attribute& attribute : resource.attributes) {
      if (attribute.key != semconv::kServiceName) tags.add(attribute);
    }
  }
  thrift.end();
  return out;
}

void add_reference(ThriftWriter& thrift, ReferenceType type, const TraceId& trace,
                   const SpanId& span) {
  thrift.i32(reference_field::kType, type);
  thrift.i64(reference_field::kTraceLow, half(trace, 8));
  thrift.i64(reference_field::kTraceHigh, half(trace, 0));
  thrift.i64(reference_field::kSpan, to_u64(span));
  thrift.end();
}

void add_references(ThriftWriter& thrift, const Span& span) {
  const bool has_parent = span.parent.valid();
  if (!has_parent && span.links.empty()) return;
  const size_t at = thrift.list(span_field::kReferences);
  thrift.set_count(at, static_cast<uint32_t>(span.links.size()) + has_parent);
  if (has_parent) add_reference(thrift, kChildOf, span.trace, span.parent);
  for (const SpanLink& link : span.links)
    add_reference(thrift, kFollowsFrom, link.trace, link.span);
}

// Jaeger's UI marks a span as failed by the tag "error".
void add_status(Tags& tags, const Span& span) {
  if (span.status == StatusCode::kUnset) return;
  const bool is_error = span.status == StatusCode::kError;
  tags.add("otel.status_code", is_error ? std::string_view("ERROR") : std::string_view("OK"));
  if (is_error) tags.add("error", true);
  if (is_error && !span.status_message.empty()) {
    tags.add("otel.status_description", std::string_view(span.status_message));
  }
}

void add_scope(Tags& tags) {
  tags.add("otel.scope.name", std::string_view(otlp::kScopeName));
  tags.add("otel.scope.version", std::string_view(kVersion));
  tags.add("otel.library.name", std::string_view(otlp::kScopeName));
  tags.add("otel.library.version", std::string_view(kVersion));
}

void add_tags(std::string& out, const Span& span) {
  Tags tags(out, span_field::kTags);
  add_scope(tags);
  tags.add("span.kind", name_of(span.kind));
  for (const Attribute& attribute : span.attributes) {
    if (attribute.key != kError || span.status != StatusCode::kError) tags.add(attribute);
  }
  add_status(tags, span);
  if (!span.trace_state.empty()) tags.add("w3c.tracestate", std::string_view(span.trace_state));
  tags.add_count("otel.dropped_attributes_count", span.dropped_attributes);
  tags.add_count("otel.dropped_events_count", span.dropped_events);
  tags.add_count("otel.dropped_links_count", span.dropped_links);
}

void add_logs(std::string& out, const Span& span) {
  if (span.events.empty()) return;
  ThriftWriter thrift(out);
  thrift.set_count(thrift.list(span_field::kLogs), static_cast<uint32_t>(span.events.size()));
  for (const SpanEvent& event : span.events) {
    thrift.i64(log_field::kTime, event.time / 1000);
    {
      Tags fields(out, log_field::kFields);
      fields.add("event", std::string_view(event.name));
      for (const Attribute& attribute : event.attributes) fields.add(attribute);
      fields.add_count("otel.dropped_attributes_count", event.dropped_attributes);
    }
    thrift.end();
  }
}

void add_span(std::string& out, const Span& span) {
  constexpr int32_t kSampled = 1;  // the only flag that is the same in Jaeger and W3C
  ThriftWriter thrift(out);
  thrift.i64(span_field::kTraceLow, half(span.trace, 8));
  thrift.i64(span_field::kTraceHigh, half(span.trace, 0));
  thrift.i64(span_field::kId, to_u64(span.id));
  thrift.i64(span_field::kParent, to_u64(span.parent));
  thrift.text(span_field::kName, span.name);
  add_references(thrift, span);
  thrift.i32(span_field::kFlags, span.trace_flags & kSampled);
  thrift.i64(span_field::kStart, span.start / 1000);
  thrift.i64(span_field::kDuration, span.end > span.start ? (span.end - span.start) / 1000 : 0);
  add_tags(out, span);
  add_logs(out, span);
  thrift.end();
}

}  // namespace

std::string Encoder::encode(const ResourcePtr& resource, std::span<const Span* const> spans) {
  std::string out;
  out.reserve(spans.size() * kTypicalSpan);
  out += processes_.bytes(resource, process_bytes);
  ThriftWriter thrift(out);
  thrift.set_count(thrift.list(batch_field::kSpans), static_cast<uint32_t>(spans.size()));
  for (const Span* span : spans) add_span(out, *span);
  thrift.end();
  return out;
}

}  // namespace weft::jaeger

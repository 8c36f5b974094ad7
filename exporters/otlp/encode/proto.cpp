// SPDX-License-Identifier: Apache-2.0
#include "exporters/otlp/encode/proto.h"

#include <protozero/pbf_builder.hpp>

#include "agent/base/semconv.h"
#include "agent/base/version.h"
#include "exporters/otlp/encode/group.h"
#include "exporters/otlp/encode/proto_attributes.h"
#include "exporters/otlp/encode/text.h"

namespace weft::otlp {
namespace {

constexpr size_t kTypicalSpan = 512;

// Field numbers: opentelemetry/proto/{collector/trace,trace,resource,common}/v1/*.proto
enum class Request : protozero::pbf_tag_type { kResourceSpans = 1 };
enum class ResourceSpans : protozero::pbf_tag_type { kResource = 1, kScopeSpans = 2, kSchema = 3 };
enum class ResourceField : protozero::pbf_tag_type { kAttributes = 1 };
enum class ScopeSpans : protozero::pbf_tag_type { kScope = 1, kSpans = 2, kSchema = 3 };
enum class Scope : protozero::pbf_tag_type { kName = 1, kVersion = 2 };
enum class SpanField : protozero::pbf_tag_type {
  kTraceId = 1,
  kSpanId = 2,
  kTraceState = 3,
  kParentSpanId = 4,
  kName = 5,
  kKind = 6,
  kStart = 7,
  kEnd = 8,
  kAttributes = 9,
  kDroppedAttributes = 10,
  kEvents = 11,
  kDroppedEvents = 12,
  kLinks = 13,
  kDroppedLinks = 14,
  kStatus = 15,
  kFlags = 16,
};
enum class EventField : protozero::pbf_tag_type {
  kTime = 1,
  kName = 2,
  kAttributes = 3,
  kDropped = 4
};
enum class LinkField : protozero::pbf_tag_type {
  kTraceId = 1,
  kSpanId = 2,
  kAttributes = 4,
  kDropped = 5
};
enum class StatusField : protozero::pbf_tag_type { kMessage = 2, kCode = 3 };
template <class Field>
using Builder = protozero::pbf_builder<Field>;

template <class Field>
constexpr uint8_t number(Field field) {
  return static_cast<uint8_t>(field);
}

template <class Field>
void add_text(Builder<Field>& to, Field field, std::string_view text) {
  const Utf8 valid(text);
  to.add_string(field, valid.view().data(), valid.view().size());
}

template <class Field>
void add_count(Builder<Field>& to, Field field, uint32_t count) {
  if (count != 0) to.add_uint32(field, count);
}

template <class Field, size_t N>
void add_id(Builder<Field>& to, Field field, const Id<N>& id) {
  to.add_bytes(field, reinterpret_cast<const char*>(id.bytes.data()), N);
}

// All open builders write to `bytes`; attributes are appended there directly, bypassing them.
void add_event(std::string& bytes, Builder<SpanField>& to, const SpanEvent& event) {
  Builder<EventField> out(to, SpanField::kEvents);
  out.add_fixed64(EventField::kTime, event.time);
  add_text(out, EventField::kName, event.name);
  append_attributes(bytes, number(EventField::kAttributes), event.attributes);
  add_count(out, EventField::kDropped, event.dropped_attributes);
}

void add_link(std::string& bytes, Builder<SpanField>& to, const SpanLink& link) {
  Builder<LinkField> out(to, SpanField::kLinks);
  add_id(out, LinkField::kTraceId, link.trace);
  add_id(out, LinkField::kSpanId, link.span);
  append_attributes(bytes, number(LinkField::kAttributes), link.attributes);
  add_count(out, LinkField::kDropped, link.dropped_attributes);
}

void add_status(Builder<SpanField>& to, const Span& span) {
  if (span.status == StatusCode::kUnset) return;
  Builder<StatusField> out(to, SpanField::kStatus);
  if (!span.status_message.empty()) add_text(out, StatusField::kMessage, span.status_message);
  out.add_enum(StatusField::kCode, static_cast<int32_t>(span.status));
}

void add_span(std::string& bytes, Builder<ScopeSpans>& to, const Span& span) {
  Builder<SpanField> out(to, ScopeSpans::kSpans);
  add_id(out, SpanField::kTraceId, span.trace);
  add_id(out, SpanField::kSpanId, span.id);
  if (!span.trace_state.empty()) add_text(out, SpanField::kTraceState, span.trace_state);
  if (span.parent.valid()) add_id(out, SpanField::kParentSpanId, span.parent);
  add_text(out, SpanField::kName, span.name);
  out.add_enum(SpanField::kKind, static_cast<int32_t>(span.kind));
  out.add_fixed64(SpanField::kStart, span.start);
  out.add_fixed64(SpanField::kEnd, span.end);
  append_attributes(bytes, number(SpanField::kAttributes), span.attributes);
  add_count(out, SpanField::kDroppedAttributes, span.dropped_attributes);
  for (const SpanEvent& event : span.events) add_event(bytes, out, event);
  add_count(out, SpanField::kDroppedEvents, span.dropped_events);
  for (const SpanLink& link : span.links) add_link(bytes, out, link);
  add_count(out, SpanField::kDroppedLinks, span.dropped_links);
  add_status(out, span);
  out.add_fixed32(SpanField::kFlags, flags_of(span));
}

template <class Field>
void add_schema(Builder<Field>& out, Field field, const Resource& resource) {
  const std::string_view url = resource.schema_url;
  if (!url.empty()) out.add_string(field, url.data(), url.size());
}

void add_scope_spans(std::string& bytes, Builder<ResourceSpans>& to, const Group& group) {
  Builder<ScopeSpans> out(to, ResourceSpans::kScopeSpans);
  {
    Builder<Scope> scope(out, ScopeSpans::kScope);
    scope.add_string(Scope::kName, kScopeName);
    scope.add_string(Scope::kVersion, kVersion);
  }
  for (const Span* span : group.spans) add_span(bytes, out, *span);
  add_schema(out, ScopeSpans::kSchema, *group.resource);
}

std::string resource_bytes(const Resource& resource) {
  std::string bytes;
  append_attributes(bytes, number(ResourceField::kAttributes), resource.attributes);
  return bytes;
}

}  // namespace

std::string ProtoEncoder::encode(std::span<const SpanPtr> batch) {
  std::string bytes;
  bytes.reserve(batch.size() * kTypicalSpan);
  Builder<Request> request(bytes);
  for (const Group& group : by_resource(batch)) {
    Builder<ResourceSpans> out(request, Request::kResourceSpans);
    out.add_message(ResourceSpans::kResource, resources_.bytes(group.resource, resource_bytes));
    add_scope_spans(bytes, out, group);
    add_schema(out, ResourceSpans::kSchema, *group.resource);
  }
  return bytes;
}

}  // namespace weft::otlp

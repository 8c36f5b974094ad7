// SPDX-License-Identifier: Apache-2.0
#include "exporters/otlp/encode/json.h"

#include "agent/base/semconv.h"
#include "agent/base/version.h"
#include "exporters/otlp/encode/group.h"
#include "exporters/otlp/encode/json_writer.h"

namespace weft::otlp {
namespace {

struct ValueWriter {
  JsonWriter& json;

  void operator()(const std::string& v) const { json.key("stringValue").text(v); }
  void operator()(bool v) const { json.key("boolValue").boolean(v); }
  void operator()(int64_t v) const { json.key("intValue").text(std::to_string(v)); }
  void operator()(double v) const { json.key("doubleValue").number(v); }
  void operator()(const std::vector<std::string>& v) const {
    json.key("arrayValue").open('{').key("values").open('[');
    for (const std::string& item : v) json.open('{').key("stringValue").text(item).close('}');
    json.close(']').close('}');
  }
};

void attributes(JsonWriter& json, const Attributes& attributes) {
  if (attributes.empty()) return;
  json.key("attributes").open('[');
  for (const Attribute& attribute : attributes) {
    json.open('{').key("key").text(attribute.key.text()).key("value").open('{');
    std::visit(ValueWriter{json}, attribute.value);
    json.close('}').close('}');
  }
  json.close(']');
}

void count(JsonWriter& json, std::string_view key, uint32_t n) {
  if (n != 0) json.key(key).number(n);
}

void time(JsonWriter& json, std::string_view key, uint64_t ns) {
  json.key(key).text(std::to_string(ns));
}

void events(JsonWriter& json, const Span& span) {
  if (span.events.empty()) return;
  json.key("events").open('[');
  for (const SpanEvent& event : span.events) {
    json.open('{');
    time(json, "timeUnixNano", event.time);
    json.key("name").text(event.name);
    attributes(json, event.attributes);
    count(json, "droppedAttributesCount", event.dropped_attributes);
    json.close('}');
  }
  json.close(']');
}

void links(JsonWriter& json, const Span& span) {
  if (span.links.empty()) return;
  json.key("links").open('[');
  for (const SpanLink& link : span.links) {
    json.open('{').key("traceId").text(link.trace.hex()).key("spanId").text(link.span.hex());
    attributes(json, link.attributes);
    count(json, "droppedAttributesCount", link.dropped_attributes);
    json.close('}');
  }
  json.close(']');
}

void status(JsonWriter& json, const Span& span) {
  if (span.status == StatusCode::kUnset) return;
  json.key("status").open('{');
  if (!span.status_message.empty()) json.key("message").text(span.status_message);
  json.key("code").number(static_cast<uint32_t>(span.status)).close('}');
}

void span_members(JsonWriter& json, const Span& span) {
  json.key("traceId").text(span.trace.hex()).key("spanId").text(span.id.hex());
  if (!span.trace_state.empty()) json.key("traceState").text(span.trace_state);
  if (span.parent.valid()) json.key("parentSpanId").text(span.parent.hex());
  json.key("flags").number(flags_of(span));
  json.key("name").text(span.name).key("kind").number(static_cast<uint32_t>(span.kind));
  time(json, "startTimeUnixNano", span.start);
  time(json, "endTimeUnixNano", span.end);
  attributes(json, span.attributes);
  count(json, "droppedAttributesCount", span.dropped_attributes);
  events(json, span);
  count(json, "droppedEventsCount", span.dropped_events);
  links(json, span);
  count(json, "droppedLinksCount", span.dropped_links);
  status(json, span);
}

void resource(JsonWriter& json, const Resource& resource) {
  json.key("resource").open('{');
  attributes(json, resource.attributes);
  json.close('}');
}

void schema(JsonWriter& json, const Resource& resource) {
  if (!resource.schema_url.empty()) json.key("schemaUrl").text(resource.schema_url);
}

void scope_spans(JsonWriter& json, const Group& group) {
  json.key("scopeSpans").open('[').open('{');
  json.key("scope").open('{').key("name").text(kScopeName).key("version").text(kVersion).close('}');
  json.key("spans").open('[');
  for (const Span* span : group.spans) {
    json.open('{');
    span_members(json, *span);
    json.close('}');
  }
  json.close(']');
  schema(json, *group.resource);
  json.close('}').close(']');
}

}  // namespace

void append_request_json(std::string& out, std::span<const SpanPtr> batch) {
  JsonWriter json(out);
  json.open('{').key("resourceSpans").open('[');
  for (const Group& group : by_resource(batch)) {
    json.open('{');
    resource(json, *group.resource);
    scope_spans(json, group);
    schema(json, *group.resource);
    json.close('}');
  }
  json.close(']').close('}');
}

void append_span_json(std::string& out, const Span& span) {
  JsonWriter json(out);
  json.open('{');
  span_members(json, span);
  resource(json, *span.resource);
  json.close('}');
}

}  // namespace weft::otlp

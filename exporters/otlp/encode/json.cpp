// SPDX-License-Identifier: Apache-2.0
#include "exporters/otlp/encode/json.h"

#include "agent/base/semconv.h"
#include "agent/base/version.h"
#include "exporters/otlp/encode/group.h"
#include "exporters/otlp/encode/json_text.h"
#include "exporters/otlp/encode/json_writer.h"

namespace weft::otlp {
namespace {

using namespace std::string_view_literals;

constexpr size_t kTypicalSpan = 1200;
constexpr std::string_view kDroppedAttributes = R"(,"droppedAttributesCount":)";

// The value of an attribute and the end of both.
struct ValueWriter {
  std::string& out;

  void operator()(const std::string& v) const {
    append_string(out, R"("stringValue":")", v, "\"}}");
  }
  void operator()(bool v) const {
    out += v ? R"("boolValue":true}})"sv : R"("boolValue":false}})"sv;
  }
  void operator()(int64_t v) const {
    append_number(out += R"("intValue":")"sv, v);
    out += "\"}}"sv;
  }
  void operator()(double v) const {
    JsonWriter(out += R"("doubleValue":)"sv).number(v);
    out += "}}"sv;
  }
  void operator()(const std::vector<std::string>& v) const {
    JsonWriter json(out);
    json.key("arrayValue").open('{').key("values").open('[');
    for (const std::string& item : v) json.open('{').key("stringValue").text(item).close('}');
    json.close(']').close('}');
    out += "}}"sv;
  }
};

void attributes(std::string& out, const Attributes& attributes) {
  if (attributes.empty()) return;
  std::string_view before = R"(,"attributes":[{"key":")";
  for (const Attribute& attribute : attributes) {
    append_string(out, before, attribute.key.text(), R"(","value":{)");
    std::visit(ValueWriter{out}, attribute.value);
    before = R"(,{"key":")";
  }
  out += ']';
}

void count(std::string& out, std::string_view before, uint32_t n) {
  if (n != 0) append_number(out += before, n);
}

void events(std::string& out, const Span& span) {
  if (span.events.empty()) return;
  std::string_view before = R"(,"events":[{"timeUnixNano":")";
  for (const SpanEvent& event : span.events) {
    append_number(out += before, event.time);
    append_string(out, R"(","name":")", event.name, "\"");
    attributes(out, event.attributes);
    count(out, kDroppedAttributes, event.dropped_attributes);
    out += '}';
    before = R"(,{"timeUnixNano":")";
  }
  out += ']';
}

void links(std::string& out, const Span& span) {
  if (span.links.empty()) return;
  std::string_view before = R"(,"links":[{"traceId":")";
  for (const SpanLink& link : span.links) {
    append_hex(out += before, link.trace);
    append_hex(out += R"(","spanId":")"sv, link.span);
    out += '"';
    attributes(out, link.attributes);
    count(out, kDroppedAttributes, link.dropped_attributes);
    out += '}';
    before = R"(,{"traceId":")";
  }
  out += ']';
}

void status(std::string& out, const Span& span) {
  if (span.status == StatusCode::kUnset) return;
  out += R"(,"status":{)"sv;
  if (!span.status_message.empty())
    append_string(out, R"("message":")", span.status_message, "\",");
  append_number(out += R"("code":)"sv, static_cast<uint32_t>(span.status));
  out += '}';
}

void ids(std::string& out, const Span& span) {
  append_hex(out += R"("traceId":")"sv, span.trace);
  append_hex(out += R"(","spanId":")"sv, span.id);
  if (!span.trace_state.empty()) append_string(out, R"(","traceState":")", span.trace_state, "");
  if (span.parent.valid()) append_hex(out += R"(","parentSpanId":")"sv, span.parent);
  append_number(out += R"(","flags":)"sv, flags_of(span));
}

void span_members(std::string& out, const Span& span) {
  ids(out, span);
  append_string(out, R"(,"name":")", span.name, R"(","kind":)");
  append_number(out, static_cast<uint32_t>(span.kind));
  append_number(out += R"(,"startTimeUnixNano":")"sv, span.start);
  append_number(out += R"(","endTimeUnixNano":")"sv, span.end);
  out += '"';
  attributes(out, span.attributes);
  count(out, kDroppedAttributes, span.dropped_attributes);
  events(out, span);
  count(out, R"(,"droppedEventsCount":)", span.dropped_events);
  links(out, span);
  count(out, R"(,"droppedLinksCount":)", span.dropped_links);
  status(out, span);
}

void resource(std::string& out, const Resource& resource) {
  std::string members;
  attributes(members, resource.attributes);
  out += R"("resource":{)"sv;
  out += std::string_view(members).substr(members.empty() ? 0 : 1);  // without the comma
  out += '}';
}

void schema(std::string& out, const Resource& resource) {
  if (resource.schema_url.empty()) return;
  append_string(out, R"(,"schemaUrl":")", resource.schema_url, "\"");
}

void scope_spans(std::string& out, const Group& group) {
  append_string(out, R"(,"scopeSpans":[{"scope":{"name":")", kScopeName, R"(","version":")");
  append_string(out, "", kVersion, R"("},"spans":[)");
  std::string_view before = "{";
  for (const Span* span : group.spans) {
    span_members(out += before, *span);
    out += '}';
    before = ",{";
  }
  out += ']';
  schema(out, *group.resource);
  out += "}]"sv;
}

}  // namespace

void append_request_json(std::string& out, std::span<const SpanPtr> batch) {
  out.reserve(out.size() + batch.size() * kTypicalSpan);
  out += R"({"resourceSpans":[)"sv;
  std::string_view before = "{";
  for (const Group& group : by_resource(batch)) {
    resource(out += before, *group.resource);
    scope_spans(out, group);
    schema(out, *group.resource);
    out += '}';
    before = ",{";
  }
  out += "]}"sv;
}

void append_span_json(std::string& out, const Span& span) {
  span_members(out += '{', span);
  resource(out += ',', *span.resource);
  out += '}';
}

}  // namespace weft::otlp

// SPDX-License-Identifier: Apache-2.0
#include "exporters/zipkin/encoder.h"

#include <algorithm>

#include "agent/base/semconv.h"
#include "agent/base/version.h"
#include "exporters/otlp/encode/group.h"
#include "exporters/otlp/encode/json_text.h"
#include "exporters/otlp/encode/plain_json.h"
#include "exporters/zipkin/remote_endpoint.h"

namespace weft::zipkin {
namespace {

using namespace std::string_view_literals;
using otlp::append_double;
using otlp::append_hex;
using otlp::append_number;
using otlp::append_string;

constexpr size_t kTypicalSpan = 1200;
constexpr Key kError = "error";

std::string_view name_of(SpanKind kind) {
  switch (kind) {
    case SpanKind::kInternal:
      break;
    case SpanKind::kServer:
      return R"(,"kind":"SERVER")";
    case SpanKind::kClient:
      return R"(,"kind":"CLIENT")";
    case SpanKind::kProducer:
      return R"(,"kind":"PRODUCER")";
    case SpanKind::kConsumer:
      return R"(,"kind":"CONSUMER")";
  }
  return "";
}

// Writes tags, whose values are always text.
struct TagWriter {
  std::string& out;
  std::string_view key;

  void operator()(const std::string& v) const {
    append_string(out, ",\"", key, "\":\"");
    append_string(out, "", v, "\"");
  }
  void operator()(bool v) const {
    append_string(out, ",\"", key, v ? "\":\"true\""sv : "\":\"false\""sv);
  }
  void operator()(int64_t v) const {
    append_string(out, ",\"", key, "\":\"");
    append_number(out, v);
    out += '"';
  }
  void operator()(double v) const {
    append_string(out, ",\"", key, "\":\"");
    append_double(out, v);
    out += '"';
  }
  void operator()(const std::vector<std::string>& v) const {
    std::string list;
    otlp::append_list_json(list, v);
    (*this)(list);
  }
};

void append_tag(std::string& out, const Attribute& attribute) {
  std::visit(TagWriter{out, attribute.key.text()}, attribute.value);
}

void append_count(std::string& out, std::string_view key, uint32_t count) {
  if (count != 0) TagWriter{out, key}(int64_t{count});
}

// The end of every span of a resource: its service, and the first tags.
std::string resource_members(const Resource& resource) {
  std::string out;
  const std::string_view service = resource.attributes.text(semconv::kServiceName);
  append_string(out, R"(,"localEndpoint":{"serviceName":")", service, R"("},"tags":{)");
  append_string(out, R"("otel.scope.name":")", otlp::kScopeName, "\"");
  append_string(out, R"(,"otel.scope.version":")", kVersion, "\"");
  append_string(out, R"(,"otel.library.name":")", otlp::kScopeName, "\"");
  append_string(out, R"(,"otel.library.version":")", kVersion, "\"");
  for (const Attribute& attribute : resource.attributes) {
    if (attribute.key != semconv::kServiceName) append_tag(out, attribute);
  }
  return out;
}

void append_remote(std::string& out, const Span& span) {
  if (span.kind != SpanKind::kClient && span.kind != SpanKind::kProducer) return;
  const auto remote = remote_endpoint(span.attributes);
  if (!remote) return;
  out += R"(,"remoteEndpoint":{)"sv;
  const size_t first = out.size();
  const auto add = [&](std::string_view before, std::string_view text) {
    if (!text.empty())
      append_string(out, out.size() == first ? before.substr(1) : before, text, "\"");
  };
  add(R"(,"serviceName":")", remote->service);
  add(R"(,"ipv4":")", remote->ipv4);
  add(R"(,"ipv6":")", remote->ipv6);
  if (remote->port != 0) append_number(out += R"(,"port":)"sv, remote->port);
  out += '}';
}

void append_ids(std::string& out, const Span& span) {
  append_hex(out += R"({"traceId":")"sv, span.trace);
  append_hex(out += R"(","id":")"sv, span.id);
  if (span.parent.valid()) append_hex(out += R"(","parentId":")"sv, span.parent);
  out += '"';
}

// Zipkin's unit is µs, and 0 means "unknown".
void append_times(std::string& out, const Span& span) {
  const uint64_t duration = span.end > span.start ? (span.end - span.start) / 1000 : 0;
  append_number(out += R"(,"timestamp":)"sv, span.start / 1000);
  append_number(out += R"(,"duration":)"sv, std::max<uint64_t>(duration, 1));
}

void append_status(std::string& out, const Span& span) {
  if (span.status == StatusCode::kUnset) return;
  const bool is_error = span.status == StatusCode::kError;
  out += is_error ? R"(,"otel.status_code":"ERROR")"sv : R"(,"otel.status_code":"OK")"sv;
  if (is_error) append_string(out, R"(,"error":")", span.status_message, "\"");
}

// The presence of the tag "error" marks a failed span.
bool is_tag(const Attribute& attribute, const Span& span) {
  if (attribute.key != kError) return true;
  const bool* flag = std::get_if<bool>(&attribute.value);
  return span.status != StatusCode::kError && !(flag && !*flag);
}

}  // namespace

std::string Encoder::encode(std::span<const SpanPtr> batch) {
  std::string out;
  out.reserve(batch.size() * kTypicalSpan);
  out += '[';
  for (const SpanPtr& span : batch) {
    if (out.size() > 1) out += ',';
    append(out, *span);
  }
  out += ']';
  return out;
}

void Encoder::append(std::string& out, const Span& span) {
  append_ids(out, span);
  if (!span.name.empty()) append_string(out, R"(,"name":")", span.name, "\"");
  out += name_of(span.kind);
  append_times(out, span);
  append_remote(out, span);
  append_events(out, span);
  out += resources_.bytes(span.resource, resource_members);
  append_tags(out, span);
  out += "}}"sv;
}

void Encoder::append_events(std::string& out, const Span& span) {
  if (span.events.empty()) return;
  std::string_view before = R"(,"annotations":[{"timestamp":)";
  for (const SpanEvent& event : span.events) {
    append_number(out += before, event.time / 1000);
    before = R"(,{"timestamp":)";
    scratch_.clear();
    if (event.attributes.empty() && event.dropped_attributes == 0) {
      scratch_ = event.name;
    } else {
      append_string(scratch_, "\"", event.name, "\": ");
      otlp::append_map_json(scratch_, event.attributes, event.dropped_attributes);
    }
    append_string(out, R"(,"value":")", scratch_, "\"}");
  }
  out += ']';
}

void Encoder::append_tags(std::string& out, const Span& span) {
  for (const Attribute& attribute : span.attributes) {
    if (is_tag(attribute, span)) append_tag(out, attribute);
  }
  append_status(out, span);
  if (!span.trace_state.empty()) TagWriter{out, "w3c.tracestate"}(span.trace_state);
  append_links(out, span);
  append_count(out, "otel.dropped_attributes_count", span.dropped_attributes);
  append_count(out, "otel.dropped_events_count", span.dropped_events);
  append_count(out, "otel.dropped_links_count", span.dropped_links);
}

// In the OpenTelemetry Collector's format: trace|span|tracestate|attributes|dropped.
void Encoder::append_links(std::string& out, const Span& span) {
  size_t n = 0;
  for (const SpanLink& link : span.links) {
    scratch_.clear();
    append_hex(scratch_, link.trace);
    append_hex(scratch_ += '|', link.span);
    otlp::append_map_json(scratch_ += "||"sv, link.attributes, 0);
    append_number(scratch_ += '|', link.dropped_attributes);
    TagWriter{out, "otlp.link." + std::to_string(n++)}(scratch_);
  }
}

}  // namespace weft::zipkin

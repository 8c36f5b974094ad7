// SPDX-License-Identifier: Apache-2.0
#include "exporters/xray/blocks.h"

#include <algorithm>
#include <ranges>

#include "exporters/xray/name.h"

namespace weft::xray {
namespace {

constexpr Key kExceptionType = "exception.type";
constexpr Key kExceptionMessage = "exception.message";
constexpr Key kExceptionStack = "exception.stacktrace";

void member(JsonWriter& json, std::string_view name, Field field, Fields& fields) {
  const std::string_view text = fields.text(field);
  if (text.empty()) return;
  json.key(name).text(text);
  fields.tell(field);
}

void number(JsonWriter& json, std::string_view name, Field field, Fields& fields) {
  const int64_t* value = fields.number(field);
  if (!value) return;
  json.key(name).number(*value);
  fields.tell(field);
}

bool has_port_of_its_own(std::string_view scheme, int64_t port) {
  return port != (scheme == "https" ? 443 : 80);
}

// A server's URL, composed from its parts.
std::string url_of_parts(const Fields& fields) {
  const std::string_view scheme = fields.text(Field::kUrlScheme);
  const std::string_view host = fields.text(Field::kServerAddress);
  const std::string_view query = fields.text(Field::kUrlQuery);
  const int64_t* port = fields.number(Field::kServerPort);
  std::string url;
  if (!scheme.empty() && !host.empty()) {
    const bool is_ipv6 = host.contains(':') && !host.starts_with('[');
    url.append(scheme).append(is_ipv6 ? "://[" : "://").append(host).append(is_ipv6 ? "]" : "");
    if (port && has_port_of_its_own(scheme, *port)) url.append(":").append(std::to_string(*port));
  }
  url.append(fields.text(Field::kUrlPath));
  if (!query.empty()) url.append("?").append(query);
  return url;
}

void write_url(JsonWriter& json, Fields& fields) {
  if (!fields.text(Field::kUrl).empty()) return member(json, "url", Field::kUrl, fields);
  if (fields.text(Field::kUrlPath).empty()) return;
  json.key("url").text(url_of_parts(fields));
  fields.tell(Field::kUrlPath);
  if (!fields.text(Field::kUrlQuery).empty()) fields.tell(Field::kUrlQuery);
}

// Only a server span knows its client; by this member X-Ray recognises a server's document.
void write_client(JsonWriter& json, Fields& fields) {
  const std::string_view client = fields.text(Field::kClientAddress);
  const std::string_view peer = fields.text(Field::kPeerAddress);
  if (client.empty()) return member(json, "client_ip", Field::kPeerAddress, fields);
  member(json, "client_ip", Field::kClientAddress, fields);
  if (!peer.empty() && peer != client) json.key("x_forwarded_for").boolean(true);
}

void write_request(JsonWriter& json, const Span& span, Fields& fields) {
  json.key("request").open('{');
  member(json, "method", Field::kMethod, fields);
  write_url(json, fields);
  member(json, "user_agent", Field::kUserAgent, fields);
  if (span.kind == SpanKind::kServer) write_client(json, fields);
  json.close('}');
}

void write_stack(JsonWriter& json, std::string_view trace) {
  json.key("stack").open('[');
  for (const auto line : std::views::split(trace, '\n')) {
    std::string_view label(line.begin(), line.end());
    label.remove_prefix(std::min(label.find_first_not_of(" \t\r"), label.size()));
    if (!label.empty()) json.open('{').key("label").text(label).close('}');
  }
  json.close(']');
}

void open_exception(JsonWriter& json, const Span& span, std::string_view type,
                    std::string_view message) {
  json.open('{').key("id").text(SpanId::random().hex());
  if (!type.empty()) json.key("type").text(type);
  if (!message.empty()) json.key("message").text(message);
  if (is_remote_call(span)) json.key("remote").boolean(true);
}

void write_event(JsonWriter& json, const Span& span, const SpanEvent& event) {
  const auto text = [&](Key key) { return event.attributes.text(key); };
  open_exception(json, span, text(kExceptionType), text(kExceptionMessage));
  if (!text(kExceptionStack).empty()) write_stack(json, text(kExceptionStack));
  json.close('}');
}

// Whether error.type says more than the status code: not if it has the same digits.
bool says_more_than_status(std::string_view error_type, const int64_t* status) {
  return !error_type.empty() && !(status && error_type == std::to_string(*status));
}

}  // namespace

void write_http(JsonWriter& json, const Span& span, Fields& fields) {
  const int64_t* status = fields.number(Field::kStatus);
  if (!status && fields.text(Field::kMethod).empty()) return;
  json.key("http").open('{');
  write_request(json, span, fields);
  json.key("response").open('{');
  number(json, "status", Field::kStatus, fields);
  number(json, "content_length", Field::kBodySize, fields);
  json.close('}').close('}');
}

void write_sql(JsonWriter& json, Fields& fields) {
  const std::string_view system = fields.text(Field::kDbSystem);
  if (!is_sql(system)) return;
  const std::string_view host = fields.text(Field::kServerAddress);
  const std::string_view database = fields.text(Field::kDbNamespace);
  json.key("sql").open('{');
  if (!host.empty() && !database.empty()) {  // X-Ray refuses a URL without a database
    const int64_t* port = fields.number(Field::kServerPort);
    json.key("url").text(std::string(system)
                             .append("://")
                             .append(host)
                             .append(port ? ":" + std::to_string(*port) : "")
                             .append("/")
                             .append(database));
  }
  member(json, "sanitized_query", Field::kDbQuery, fields);
  member(json, "database_type", Field::kDbSystem, fields);
  member(json, "user", Field::kDbUser, fields);
  json.close('}');
}

bool is_aws_call(const Fields& fields) {
  const std::string_view system = fields.text(Field::kRpcSystem);
  return system == "aws-api" || system == "aws_api";
}

void write_aws_call(JsonWriter& json, Fields& fields) {
  if (!is_aws_call(fields)) return;
  member(json, "operation", Field::kRpcMethod, fields);
  member(json, "region", Field::kAwsRegion, fields);
  member(json, "request_id", Field::kAwsRequestId, fields);
  member(json, "queue_url", Field::kAwsQueueUrl, fields);
}

void write_faults(JsonWriter& json, const Span& span, const Fields& fields) {
  const int64_t* status = fields.number(Field::kStatus);
  const bool is_client_error = status && *status >= 400 && *status < 500;
  if (is_client_error) json.key("error").boolean(true);
  if (status && *status == 429) json.key("throttle").boolean(true);
  const bool is_fault = (status && *status >= 500) || span.status == StatusCode::kError;
  if (is_fault && !is_client_error) json.key("fault").boolean(true);
}

bool in_cause(const SpanEvent& event, bool brief) {
  const auto is_shown = [](const Attribute& a) {
    return (a.key == kExceptionType || a.key == kExceptionMessage || a.key == kExceptionStack) &&
           std::holds_alternative<std::string>(a.value);
  };
  return !brief && event.name == "exception" && std::ranges::all_of(event.attributes, is_shown);
}

bool status_message_in_cause(const Span& span, bool brief) {
  return span.status == StatusCode::kError && !span.status_message.empty() &&
         !(brief && span.status_message.size() > kBriefText);
}

void write_cause(JsonWriter& json, const Span& span, Fields& fields, bool brief) {
  const bool has_message = status_message_in_cause(span, brief);
  const std::string_view type = fields.text(Field::kErrorType);
  const bool has_type = says_more_than_status(type, fields.number(Field::kStatus)) &&
                        span.status == StatusCode::kError;
  const auto is_shown = [brief](const SpanEvent& event) { return in_cause(event, brief); };
  if (!has_message && !has_type && std::ranges::none_of(span.events, is_shown)) return;
  json.key("cause").open('{').key("exceptions").open('[');
  if (has_message || has_type) {
    open_exception(json, span, type, has_message ? span.status_message : std::string_view());
    json.close('}');
    fields.tell(Field::kErrorType);
  }
  for (const SpanEvent& event : span.events) {
    if (is_shown(event)) write_event(json, span, event);
  }
  json.close(']').close('}');
}

}  // namespace weft::xray

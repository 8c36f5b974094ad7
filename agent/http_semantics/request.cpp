// SPDX-License-Identifier: Apache-2.0
#include "agent/http_semantics/request.h"

#include <algorithm>
#include <array>
#include <utility>

#include "agent/base/semconv.h"
#include "agent/base/utf8.h"
#include "agent/http_semantics/url.h"

namespace weft::http_semantics {
namespace {

constexpr std::array<std::string_view, 10> kKnownMethods = {
    "GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH", "CONNECT", "TRACE", "QUERY"};

// Enough for every attribute of a server span and its socket's.
constexpr size_t kUsualAttributes = 16;
// Of a URL, besides what the request names: "://", or an IPv6 address and a port.
constexpr size_t kUrlRoom = 56;

uint16_t default_port(std::string_view scheme) {
  if (scheme == "http") return 80;
  return scheme == "https" ? 443 : 0;
}

// As to_utf8, without a copy of what is ASCII.
std::string valid(std::string text) {
  if (is_ascii(text)) return text;
  return to_utf8(text);
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c | 0x20);
  }
  return out;
}

// A scheme is a word of letters (a forged header may hold anything).
std::string checked_scheme(std::string_view text) {
  std::string out = lower(text);
  const bool word = out.find_first_not_of("abcdefghijklmnopqrstuvwxyz") == std::string::npos;
  return word && out.size() <= 8 ? out : std::string();
}

void add_authority(Attributes& out, std::string_view authority, std::string_view scheme) {
  const Authority server = split_authority(authority);
  if (server.host.empty()) return;
  out.set(semconv::kServerAddress, to_utf8(server.host));
  const uint16_t port = server.port.value_or(default_port(scheme));
  if (port != 0) out.set(semconv::kServerPort, Value(int64_t{port}));
}

}  // namespace

void RequestFacts::Ranked::offer(std::string_view text, int text_rank) {
  if (text.empty() || text_rank <= rank) return;
  value = text;
  rank = text_rank;
}

void RequestFacts::line(std::string_view method, std::string_view target, bool cut) {
  method_ = method;
  target_ = target;
  target_cut_ = cut;
}

// By length first: most fields of a request are of no interest.
void RequestFacts::field(const Field& field) {
  const std::string_view name = field.name;
  if (name.starts_with(':')) return pseudo_field(field);
  switch (name.size()) {
    case 4:
      if (same_name(name, "host")) authority_.offer(field.value, 1);
      break;
    case 10:
      if (same_name(name, "user-agent") && user_agent_.empty()) user_agent_ = field.value;
      if (same_name(name, "tracestate")) context_.tracestate(field.value);
      break;
    case 11:
      if (same_name(name, "traceparent")) context_.traceparent(field.value);
      break;
    case 12:
      if (same_name(name, "content-type")) content(field.value);
      break;
    case 9:
    case 15:
    case 16:
    case 17:
      if (side_.role == Role::kServer) forwarding(field);
      break;
    default:
      break;
  }
  if (side_.capture) captured_.field(field, side_.capture->request_headers, *side_.capture);
}

void RequestFacts::pseudo_field(const Field& field) {
  if (field.name == ":method") method_ = field.value;
  if (field.name == ":path") target_ = field.value;
  if (field.name == ":authority") authority_.offer(field.value, 2);
  if (field.name == ":scheme") scheme_.offer(checked_scheme(field.value), 1);
}

void RequestFacts::content(std::string_view type) {
  type = strip_blanks(type.substr(0, type.find(';')));
  if (same_name(type, "application/x-protobuf")) content_ = Content::kProtobuf;
  if (same_name(type, "application/json")) content_ = Content::kJson;
}

// Recognised by OTLP's path for spans; at OTLP's port, where a receiver may have another path, by
// the content type that only OTLP uses.
bool RequestFacts::carries_spans() const {
  constexpr uint16_t kPort = 4318;
  if (content_ == Content::kOther || method_ != "POST" || target_cut_) return false;
  const std::string_view path = target().path;
  if (path.ends_with("/v1/traces")) return true;
  const uint16_t port = side_.role == Role::kClient ? side_.remote_port : side_.local_port;
  return port == kPort && content_ == Content::kProtobuf && !path.ends_with("/v1/metrics") &&
         !path.ends_with("/v1/logs");
}

void RequestFacts::forwarding(const Field& field) {
  if (same_name(field.name, "forwarded")) {
    const Forwarded forwarded = parse_forwarded(field.value);
    client_.offer(node_address(forwarded.client), 2);
    authority_.offer(forwarded.host, 4);
    scheme_.offer(checked_scheme(forwarded.proto), 3);
  } else if (same_name(field.name, "x-forwarded-for")) {
    client_.offer(node_address(first_of_list(field.value)), 1);
  } else if (same_name(field.name, "x-forwarded-host")) {
    authority_.offer(first_of_list(field.value), 3);
  } else if (same_name(field.name, "x-forwarded-proto")) {
    scheme_.offer(checked_scheme(first_of_list(field.value)), 2);
  }
}

bool is_registered_method(std::string_view method) {
  return std::ranges::find(kKnownMethods, method) != kKnownMethods.end();
}

bool RequestFacts::known_method() const {
  if (side_.capture && !side_.capture->known_methods.empty()) {
    for (const std::string& method : side_.capture->known_methods) {
      if (method == method_) return true;
    }
    return false;
  }
  return is_registered_method(method_);
}

std::string RequestFacts::span_name() const {
  return known_method() ? method_ : "HTTP";
}

void RequestFacts::add_method(Attributes& out) const {
  if (known_method()) return out.set(semconv::kHttpRequestMethod, std::string_view(method_));
  out.set(semconv::kHttpRequestMethod, "_OTHER");
  if (!method_.empty()) out.set(semconv::kHttpRequestMethodOriginal, std::string_view(method_));
}

Attributes RequestFacts::attributes() {
  Attributes out;
  out.reserve(kUsualAttributes);
  add_method(out);
  if (side_.role == Role::kServer) {
    server_attributes(out);
  } else {
    client_attributes(out);
  }
  if (!version_.empty()) out.set(semconv::kNetworkProtocolVersion, version_);
  if (!truncated_.empty()) out.set(semconv::kWeftTruncated, Value(std::move(truncated_)));
  captured_.move_to(out, "http.request.header.");
  return out;
}

// In a truncated target the path is complete if a query has begun, and the authority is if a path
// has.
Target RequestFacts::target() const {
  if (target_.empty()) return {};
  Target target = split_target(target_, is_connect());
  const size_t authority = target.scheme.size() + 3;
  if (target_cut_ && target_.find_first_of("/?#", authority) == std::string::npos)
    target.authority = {};
  return target;
}

void RequestFacts::add_path(const Target& target, Attributes& out) {
  const bool whole = !target_cut_ || target_.find('?') != std::string::npos;
  if (!whole) {
    truncated_.emplace_back(semconv::kUrlPath.text());
  } else if (!target.path.empty()) {
    out.set(semconv::kUrlPath, Value(url_text(target.path)));
  }
}

void RequestFacts::server_attributes(Attributes& out) {
  const Target target = this->target();
  scheme_.offer(checked_scheme(target.scheme), 1);
  if (scheme_.value.empty()) scheme_.value = side_.encrypted ? "https" : "http";
  authority_.offer(target.authority, 2);
  add_path(target, out);
  if (target_cut_) {
    truncated_.emplace_back(semconv::kUrlQuery.text());
  } else if (!target.query.empty()) {
    out.set(semconv::kUrlQuery,
            Value(url_text(redact_query(target.query, side_.sensitive_keys()))));
  }
  add_authority(out, authority_.value, scheme_.value);
  out.set(semconv::kUrlScheme, Value(std::move(scheme_.value)));
  if (!client_.value.empty()) out.set(semconv::kClientAddress, valid(std::move(client_.value)));
  if (!user_agent_.empty()) out.set(semconv::kUserAgentOriginal, valid(std::move(user_agent_)));
}

void RequestFacts::client_attributes(Attributes& out) {
  const Target target = this->target();
  authority_.offer(target.authority, 2);
  scheme_.offer(checked_scheme(target.scheme), 1);
  if (scheme_.value.empty()) scheme_.value = side_.encrypted ? "https" : "http";
  const std::string& scheme = scheme_.value;
  add_authority(out, authority_.value, is_connect() ? std::string_view() : scheme);
  if (is_connect() || target_.empty()) return;
  if (target_cut_ || (cut_ && authority_.value.empty())) {
    truncated_.emplace_back(semconv::kUrlFull.text());
    add_path(target, out);
  } else {
    std::string url = full_url(target, scheme);
    if (!url.empty()) out.set(semconv::kUrlFull, Value(std::move(url)));
  }
}

// Without a Host the URL has the server's address; without that there is no URL.
std::string RequestFacts::full_url(const Target& target, std::string_view scheme) const {
  std::string url;
  url.reserve(scheme.size() + authority_.value.size() + target_.size() + kUrlRoom);
  url += scheme;
  url += target.credentials ? "://REDACTED:REDACTED@" : "://";
  if (!split_authority(authority_.value).host.empty()) {
    url += authority_.value;
  } else if (!side_.remote_address.empty()) {
    const bool v6 = side_.remote_address.find(':') != std::string::npos;
    url += v6 ? '[' + side_.remote_address + ']' : side_.remote_address;
    if (side_.remote_port != default_port(scheme)) url += ':' + std::to_string(side_.remote_port);
  } else {
    return {};
  }
  if (target.path != "*") url += target.path;
  if (!target.query.empty()) (url += '?') += redact_query(target.query, side_.sensitive_keys());
  if (is_ascii(url)) return url;
  return url_text(url);
}

}  // namespace weft::http_semantics

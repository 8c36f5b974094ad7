// SPDX-License-Identifier: Apache-2.0
#include "agent/delivery/old_names.h"

#include <algorithm>
#include <charconv>
#include <span>
#include <string>

#include "agent/base/semconv.h"

namespace weft {
namespace {

struct Renamed {
  Key now;
  Key before;
};

constexpr Renamed kSocket[] = {
    {semconv::kNetworkPeerAddress, "net.sock.peer.addr"},
    {semconv::kNetworkPeerPort, "net.sock.peer.port"},
    {semconv::kNetworkProtocolName, "net.protocol.name"},
    {semconv::kNetworkProtocolVersion, "net.protocol.version"},
};
constexpr Renamed kClient[] = {
    {semconv::kServerAddress, "net.peer.name"},
    {semconv::kServerPort, "net.peer.port"},
};
constexpr Renamed kServer[] = {
    {semconv::kServerAddress, "net.host.name"},
    {semconv::kServerPort, "net.host.port"},
};
// The old http.method was the method as sent: the later row overwrites the earlier.
constexpr Renamed kHttp[] = {
    {semconv::kHttpRequestMethod, "http.method"},
    {semconv::kHttpRequestMethodOriginal, "http.method"},
    {semconv::kHttpResponseStatusCode, "http.status_code"},
    {semconv::kUrlFull, "http.url"},
    {semconv::kUrlScheme, "http.scheme"},
    {semconv::kClientAddress, "http.client_ip"},
    {semconv::kUserAgentOriginal, "http.user_agent"},
    {semconv::kHttpRequestBodySize, "http.request_content_length"},
    {semconv::kHttpResponseBodySize, "http.response_content_length"},
};
constexpr Renamed kDatabase[] = {
    {semconv::kDbQueryText, "db.statement"},
    {semconv::kDbOperationName, "db.operation"},
};

struct OldValue {
  std::string_view now;
  std::string_view before;
};
constexpr OldValue kVersions[] = {{"2", "2.0"}, {"3", "3.0"}};
constexpr OldValue kSystems[] = {
    {"microsoft.sql_server", "mssql"},
    {"oracle.db", "oracle"},
    {"ibm.db2", "db2"},
    {"h2database", "h2"},
    {"aws.dynamodb", "dynamodb"},
    {"sap.hana", "hanadb"},
    {"azure.cosmosdb", "cosmosdb"},
};
constexpr OldValue kTransports[] = {{"tcp", "ip_tcp"}, {"udp", "ip_udp"}, {"unix", "other"}};

// `out` and `in` must be different objects.
void rename(const Attributes& in, std::span<const Renamed> names, Attributes& out) {
  for (const auto& [now, before] : names) {
    if (const Value* value = in.find(now)) out.set(before, *value);
  }
}

// A value without an old form is copied.
void revalue(const Attributes& in, Key now, std::span<const OldValue> values, Key before,
             Attributes& out) {
  const std::string_view value = in.text(now);
  if (value.empty()) return;
  const auto known = std::ranges::find(values, value, &OldValue::now);
  out.set(before, known == values.end() ? value : known->before);
}

void add_network(const Span& span, Attributes& out) {
  const Attributes& in = span.attributes;
  rename(in, kSocket, out);
  rename(in, span.kind == SpanKind::kServer ? std::span(kServer) : std::span(kClient), out);
  revalue(in, semconv::kNetworkTransport, kTransports, "net.transport", out);
}

bool is_truncated(const Attributes& in, Key key) {
  const Value* truncated = in.find(semconv::kWeftTruncated);
  const auto* names = truncated ? std::get_if<std::vector<std::string>>(truncated) : nullptr;
  return names && std::ranges::find(*names, key.text()) != names->end();
}

// Without its query the old target attribute would be wrong, so it is then left out.
void add_target(const Attributes& in, Attributes& out) {
  std::string target(in.text(semconv::kUrlPath));
  if (target.empty() || is_truncated(in, semconv::kUrlQuery) || is_truncated(in, semconv::kUrlFull))
    return;
  const std::string_view query = in.text(semconv::kUrlQuery);
  if (!query.empty()) (target += '?') += query;
  out.set("http.target", Value(std::move(target)));
}

// http.request.header.x-id was http.request.header.x_id.
void add_headers(const Attributes& in, Attributes& out) {
  for (const Attribute& a : in) {
    const std::string_view name = a.key.text();
    if (!name.starts_with("http.request.header.") && !name.starts_with("http.response.header."))
      continue;
    std::string before(name);
    std::ranges::replace(before, '-', '_');
    if (before != name) out.set(Key::intern(before), a.value);
  }
}

void add_http(const Span& span, Attributes& out) {
  const Attributes& in = span.attributes;
  rename(in, kHttp, out);
  add_target(in, out);
  revalue(in, semconv::kNetworkProtocolVersion, kVersions, "http.flavor", out);
  add_headers(in, out);
  add_network(span, out);
}

// "database|schema"; Redis had a number.
void add_namespace(const Attributes& in, Attributes& out) {
  const std::string_view name = in.text(semconv::kDbNamespace);
  if (name.empty()) return;
  if (in.text(semconv::kDbSystemName) != "redis") {
    return out.set("db.name", name.substr(0, name.find('|')));
  }
  int64_t index = 0;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), index);
  if (error == std::errc() && end == name.data() + name.size()) {
    out.set("db.redis.database_index", Value(index));
  }
}

void add_database(const Span& span, Attributes& out) {
  const Attributes& in = span.attributes;
  revalue(in, semconv::kDbSystemName, kSystems, "db.system", out);
  rename(in, kDatabase, out);
  add_namespace(in, out);
  add_network(span, out);
}

// Backends use it to name a peer that has no spans of its own.
void add_peer_service(const Span& span, Attributes& out) {
  std::string_view peer = span.attributes.text(semconv::kServerAddress);
  if (peer.empty()) peer = span.attributes.text(semconv::kNetworkPeerAddress);
  if (!peer.empty()) out.set("peer.service", peer);
}

}  // namespace

SpanPtr with_old_names(const SpanPtr& span, const OldNames& wanted) {
  const bool http = wanted.http && span->attributes.find(semconv::kHttpRequestMethod) != nullptr;
  const bool database = wanted.database && span->attributes.find(semconv::kDbSystemName) != nullptr;
  const bool calls = span->kind == SpanKind::kClient || span->kind == SpanKind::kProducer;
  const bool peer = wanted.peer_service && calls;
  if (!http && !database && !peer) return span;
  auto copy = std::make_shared<Span>(*span);
  if (http) add_http(*span, copy->attributes);
  if (database) add_database(*span, copy->attributes);
  if (peer) add_peer_service(*span, copy->attributes);
  return copy;
}

}  // namespace weft

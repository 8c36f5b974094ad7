// SPDX-License-Identifier: Apache-2.0
// For tests: spans as the agent makes them, and their documents.
#pragma once

#include <nlohmann/json.hpp>
#include <vector>

#include "agent/base/bytes.h"
#include "agent/base/semconv.h"
#include "exporters/xray/encoder.h"

namespace weft::xray {

inline std::shared_ptr<Resource> shop() {
  auto resource = std::make_shared<Resource>();
  resource->attributes.set(semconv::kServiceName, "shop");
  resource->attributes.set(semconv::kServiceVersion, "1.2");
  resource->attributes.set(semconv::kProcessPid, 4711);
  return resource;
}

inline std::shared_ptr<Span> span_of(SpanKind kind, ResourcePtr resource = shop()) {
  auto span = std::make_shared<Span>();
  span->trace = *TraceId::parse("4bf92f3577b34da6a3ce929d0e0e4736");
  span->id = *SpanId::parse("b7ad6b7169203331");
  span->parent = *SpanId::parse("00f067aa0ba902b7");
  span->name = "GET /cart/{id}";
  span->kind = kind;
  span->start = 1'544'712'660'000'000'001;
  span->end = 1'544'712'661'500'000'000;
  span->resource = std::move(resource);
  return span;
}

inline std::shared_ptr<Span> http_server(int status) {
  auto span = span_of(SpanKind::kServer);
  span->parent_is_remote = true;
  span->attributes.set(semconv::kHttpRequestMethod, "GET");
  span->attributes.set(semconv::kUrlScheme, "http");
  span->attributes.set(semconv::kUrlPath, "/cart/7");
  span->attributes.set(semconv::kUrlQuery, "q=1");
  span->attributes.set(semconv::kServerAddress, "shop.example");
  span->attributes.set(semconv::kServerPort, 8080);
  span->attributes.set(semconv::kClientAddress, "10.0.0.9");
  span->attributes.set(semconv::kNetworkPeerAddress, "10.0.0.1");
  span->attributes.set(semconv::kUserAgentOriginal, "curl/8");
  span->attributes.set(semconv::kHttpResponseStatusCode, status);
  span->attributes.set(semconv::kHttpResponseBodySize, 512);
  span->attributes.set("http.route", "/cart/{id}");
  return span;
}

inline std::shared_ptr<Span> postgres_client() {
  auto span = span_of(SpanKind::kClient);
  span->name = "SELECT item";
  span->attributes.set(semconv::kDbSystemName, "postgresql");
  span->attributes.set(semconv::kDbNamespace, "stock");
  span->attributes.set(semconv::kDbQueryText, "SELECT * FROM item WHERE id = ?");
  span->attributes.set(semconv::kDbQuerySummary, "SELECT item");
  span->attributes.set(semconv::kServerAddress, "db.example");
  span->attributes.set(semconv::kServerPort, 5432);
  return span;
}

// The datagrams in a parcel, or in the output of SegmentEncoder.
inline std::vector<std::string> datagrams(std::string_view frames) {
  std::vector<std::string> out;
  for (ByteReader reader(frames); reader.left() > 0;) out.emplace_back(reader.take(reader.le32()));
  return out;
}

inline nlohmann::json document(std::string_view datagram) {
  EXPECT_TRUE(datagram.starts_with(kHeader));
  return nlohmann::json::parse(datagram.substr(std::min(kHeader.size(), datagram.size())));
}

inline std::vector<nlohmann::json> documents(const Span& span,
                                             std::vector<std::string> annotations = {}) {
  SegmentEncoder encoder(std::move(annotations));
  std::string frames;
  EXPECT_TRUE(encoder.append(frames, span));
  std::vector<nlohmann::json> out;
  for (const std::string& datagram : datagrams(frames)) out.push_back(document(datagram));
  return out;
}

}  // namespace weft::xray

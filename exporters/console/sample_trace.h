// SPDX-License-Identifier: Apache-2.0
// For tests: a trace through three services with one failure.
#pragma once

#include <vector>

#include "agent/base/semconv.h"
#include "agent/span/span.h"

namespace weft::console {

inline constexpr uint64_t kStart = 1'700'000'000'120'000'000;
inline constexpr uint64_t kMs = 1'000'000;

struct Sample {
  uint64_t id;
  uint64_t parent;
  const char* service;
  SpanKind kind;
  const char* target;  // a path, or a URL for clients
  uint64_t begin_us;
  uint64_t end_us;
  int status = 200;
  const char* correlation = "";
};

inline SpanPtr sample(const Sample& s) {
  auto resource = std::make_shared<Resource>();
  resource->attributes.set(semconv::kServiceName, s.service);
  auto span = std::make_shared<Span>();
  span->trace = *TraceId::parse("0af7651916cd43dd8448eb211c80319c");
  span->id = span_id_from(s.id);
  span->parent = span_id_from(s.parent);
  span->name = "GET";
  span->kind = s.kind;
  span->start = kStart + s.begin_us * 1000;
  span->end = kStart + s.end_us * 1000;
  span->attributes.set(semconv::kHttpRequestMethod, "GET");
  span->attributes.set(s.kind == SpanKind::kClient ? semconv::kUrlFull : semconv::kUrlPath,
                       s.target);
  span->attributes.set(semconv::kHttpResponseStatusCode, s.status);
  if (*s.correlation) span->attributes.set(semconv::kWeftCorrelation, s.correlation);
  if (s.status >= 500) {
    span->status = StatusCode::kError;
    span->attributes.set(semconv::kErrorType, std::to_string(s.status));
  }
  span->resource = std::move(resource);
  return span;
}

inline std::vector<SpanPtr> sample_trace() {
  constexpr auto kServer = SpanKind::kServer;
  constexpr auto kClient = SpanKind::kClient;
  return {
      sample({4, 3, "stock", kServer, "/stock/7", 3200, 6000, 200, "connection"}),
      sample({3, 2, "shop", kClient, "http://127.0.0.1:8081/stock/7", 3000, 6210, 200, "thread"}),
      sample({5, 2, "shop", kClient, "http://127.0.0.1:8082/price/7", 7000, 11400, 503, "thread"}),
      sample({2, 1, "shop", kServer, "/orders/7", 400, 12300, 200, "connection"}),
      sample({1, 0, "nginx", kServer, "/orders/7", 0, 12400}),
  };
}

}  // namespace weft::console

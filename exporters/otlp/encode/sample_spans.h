// SPDX-License-Identifier: Apache-2.0
// For tests: a batch in which every field and every value type occurs.
#pragma once

#include <limits>
#include <vector>

#include "agent/base/semconv.h"
#include "agent/span/span.h"

namespace weft::otlp {

inline ResourcePtr sample_resource(std::string_view service) {
  auto resource = std::make_shared<Resource>();
  resource->attributes.set(semconv::kServiceName, service);
  resource->attributes.set(semconv::kProcessPid, 4711);
  return resource;
}

inline std::shared_ptr<Span> plain_span(ResourcePtr resource, std::string name) {
  auto span = std::make_shared<Span>();
  span->trace = *TraceId::parse("0af7651916cd43dd8448eb211c80319c");
  span->id = *SpanId::parse("b7ad6b7169203331");
  span->name = std::move(name);
  span->kind = SpanKind::kClient;
  span->start = 1'544'712'660'000'000'000;
  span->end = 1'544'712'661'000'000'001;
  span->resource = std::move(resource);
  return span;
}

inline std::shared_ptr<Span> full_span(ResourcePtr resource) {
  auto span = plain_span(std::move(resource), "GET \"quoted\"\n\\ żółć");
  span->parent = *SpanId::parse("00f067aa0ba902b7");
  span->parent_is_remote = true;
  span->trace_flags = 0x03;
  span->trace_state = "rojo=00f067aa0ba902b7,congo=t61rcWkgMzE";
  span->kind = SpanKind::kServer;
  span->status = StatusCode::kError;
  span->status_message = "broke\x01\x7f";
  span->attributes.set("text", "värde");
  span->attributes.set("not utf-8", Value(std::string("a\xff\xc0z")));
  span->attributes.set("empty", "");
  span->attributes.set("yes", Value(true));
  span->attributes.set("no", Value(false));
  span->attributes.set("big", Value(std::numeric_limits<int64_t>::max()));
  span->attributes.set("negative", Value(int64_t{-1}));
  span->attributes.set("pi", Value(3.141592653589793));
  span->attributes.set("huge", Value(1e300));
  span->attributes.set("infinite", Value(-std::numeric_limits<double>::infinity()));
  span->attributes.set("list", Value(std::vector<std::string>{"a", "", "ü"}));
  span->attributes.set("no items", Value(std::vector<std::string>{}));
  SpanEvent event{.time = 1'544'712'660'500'000'000, .name = "event", .dropped_attributes = 7};
  event.attributes.set("k", 1);
  span->events = {event, {.time = 1, .name = "bare"}};
  SpanLink link{.trace = span->trace, .span = span->parent, .dropped_attributes = 8};
  link.attributes.set("why", "waited");
  span->links = {link};
  span->dropped_attributes = 4;
  span->dropped_events = 5;
  span->dropped_links = 6;
  return span;
}

// Two services, the first one's spans not adjacent.
inline std::vector<SpanPtr> sample_batch() {
  const ResourcePtr shop = sample_resource("shop");
  const ResourcePtr db = sample_resource("db");
  return {full_span(shop), plain_span(db, "SELECT"), plain_span(shop, "POST")};
}

}  // namespace weft::otlp

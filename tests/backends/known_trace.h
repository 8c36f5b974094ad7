// SPDX-License-Identifier: Apache-2.0
// One trace with everything that backends treat each in their own way: shop serves a request
// that fails, asks stock (which is gone) and a database, and tells mail by a queue.
#pragma once

#include <limits>
#include <vector>

#include "agent/base/clock.h"
#include "agent/base/semconv.h"
#include "agent/span/span.h"

namespace weft {

inline ResourcePtr service(const char* name) {
  auto resource = std::make_shared<Resource>();
  resource->attributes.set(semconv::kServiceName, name);
  resource->attributes.set(semconv::kTelemetrySdkName, "weft");
  resource->attributes.set(semconv::kProcessPid, 4711);
  return resource;
}

class KnownTrace {
 public:
  // Each call gives another trace of the same shape, which ended now.
  static std::vector<SpanPtr> make() { return KnownTrace().spans_; }

 private:
  using Attributes = std::vector<Attribute>;

  KnownTrace() {
    static const ResourcePtr shop = service("shop"), stock = service("stock"),
                             mail = service("mail");
    const auto root = checkout(shop);
    served_by(stock, ask_stock(shop, *root));
    price(shop, *root);
    query(shop, *root);
    read_by(mail, tell(shop, *root));
  }

  std::shared_ptr<Span> add(const ResourcePtr& resource, SpanKind kind, const char* name,
                            const SpanId& parent, uint64_t duration, const Attributes& attributes) {
    auto span = std::make_shared<Span>();
    span->trace = trace_;
    span->id = SpanId::random();
    span->parent = parent;
    span->trace_flags = 0x01;
    span->name = name;
    span->kind = kind;
    span->end = end_;
    span->start = end_ - duration;
    for (const auto& [key, value] : attributes) span->attributes.set(key, value);
    span->resource = resource;
    spans_.push_back(span);
    return span;
  }
  static Value text(const char* value) { return Value(std::string(value)); }
  static Value number(int64_t value) { return Value(value); }

  std::shared_ptr<Span> checkout(const ResourcePtr& shop) {
    auto span = add(shop, SpanKind::kServer, "POST /Checkout", {}, 1'500'000'789,
                    {{semconv::kHttpRequestMethod, text("POST")},
                     {semconv::kHttpResponseStatusCode, number(500)},
                     {semconv::kUrlPath, text("/Checkout")}});
    span->trace_state = "vendor=1,other=2";
    span->status = StatusCode::kError;
    span->status_message = "stock is gone";
    return span;
  }
  const Span& ask_stock(const ResourcePtr& shop, const Span& parent) {
    auto span = add(shop, SpanKind::kClient, "GET", parent.id, 1'000'000,
                    {{semconv::kHttpRequestMethod, text("GET")},
                     {semconv::kHttpResponseStatusCode, number(503)},
                     {semconv::kServerAddress, text("stock.example")},
                     {semconv::kServerPort, number(8080)},
                     {semconv::kUrlFull, text("http://stock.example:8080/żółć?q=\"1\"")},
                     {semconv::kErrorType, text("503")}});
    span->status = StatusCode::kError;
    SpanLink link{.trace = TraceId::random(), .span = SpanId::random()};
    link.attributes.set("why", "waited");
    span->links.push_back(link);
    return *span;
  }
  void served_by(const ResourcePtr& stock, const Span& client) {
    auto span = add(stock, SpanKind::kServer, "GET /items/{id}", client.id, 900'000,
                    {{semconv::kHttpRequestMethod, text("GET")},
                     {semconv::kHttpResponseStatusCode, number(503)},
                     {Key::intern("http.request.header.x-list"),
                      Value(std::vector<std::string>{"a", "\"b\""})}});
    span->parent_is_remote = true;
    span->status = StatusCode::kError;
    SpanEvent event{.time = span->start + 5'000, .name = "late"};
    event.attributes.set("queue.length", 17);
    span->events = {event, {.time = span->start + 6'000, .name = "too late"}};
  }
  void price(const ResourcePtr& shop, const Span& parent) {
    auto span = add(shop, SpanKind::kInternal, "price", parent.id, 0,
                    {{"vat", Value(0.19)},
                     {"net", Value(true)},
                     {"least", number(std::numeric_limits<int64_t>::min() + 1)},
                     {"nothing", text("")},
                     {"lines", text("one\ntwo\t\x01")}});
    span->status = StatusCode::kOk;
  }
  void query(const ResourcePtr& shop, const Span& parent) {
    add(shop, SpanKind::kClient, "SELECT orders", parent.id, 2'345'678,
        {{semconv::kDbSystemName, text("postgresql")},
         {semconv::kDbNamespace, text("orders")},
         {semconv::kDbQueryText, text("SELECT * FROM orders WHERE id = ?")},
         {semconv::kNetworkPeerAddress, text("fd00::17")},
         {semconv::kNetworkPeerPort, number(5432)}});
  }
  const Span& tell(const ResourcePtr& shop, const Span& parent) {
    return *add(shop, SpanKind::kProducer, "send mails", parent.id, 300'000,
                {{"messaging.system", text("kafka")}, {"peer.service", text("Mail-Queue")}});
  }
  void read_by(const ResourcePtr& mail, const Span& producer) {
    auto span =
        add(mail, SpanKind::kConsumer, "process mails", producer.id, 200'000,
            {{"messaging.system", text("kafka")}, {"server.address", text("unused.example")}});
    span->parent_is_remote = true;
    span->dropped_attributes = 2;
  }

  const TraceId trace_ = TraceId::random();
  const uint64_t end_ = unix_ns();
  std::vector<SpanPtr> spans_;
};

}  // namespace weft

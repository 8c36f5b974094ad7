// SPDX-License-Identifier: Apache-2.0
#include "agent/delivery/old_names.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "agent/base/semconv.h"

namespace weft {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr OldNames kHttp{.http = true};
constexpr OldNames kDatabase{.database = true};
constexpr OldNames kPeer{.peer_service = true};

std::shared_ptr<Span> span_of(SpanKind kind, std::initializer_list<Attribute> attributes) {
  auto span = std::make_shared<Span>();
  span->kind = kind;
  for (const Attribute& a : attributes) span->attributes.set(a.key, a.value);
  return span;
}

std::string text(const Value& value) {
  if (const auto* s = std::get_if<std::string>(&value)) return *s;
  if (const auto* i = std::get_if<int64_t>(&value)) return std::to_string(*i) + " (int)";
  std::string out;
  for (const std::string& item : std::get<std::vector<std::string>>(value)) out += "[" + item + "]";
  return out;
}

// "name=value" of each added attribute; the original ones must still come first.
std::vector<std::string> added(const std::shared_ptr<Span>& span, const OldNames& wanted) {
  const SpanPtr both = with_old_names(span, wanted);
  std::vector<std::string> out;
  size_t i = 0;
  for (const Attribute& a : both->attributes) {
    const std::string shown = std::string(a.key.text()) + "=" + text(a.value);
    if (i >= span->attributes.size()) {
      out.push_back(shown);
    } else {
      const Attribute& kept = *(span->attributes.begin() + i);
      EXPECT_EQ(shown, std::string(kept.key.text()) + "=" + text(kept.value));
    }
    ++i;
  }
  return out;
}

const auto kServerSpan = [] {
  return span_of(SpanKind::kServer, {{semconv::kHttpRequestMethod, "GET"},
                                     {semconv::kUrlPath, "/shop"},
                                     {semconv::kUrlQuery, "id=7"},
                                     {semconv::kUrlScheme, "https"},
                                     {semconv::kServerAddress, "shop.example"},
                                     {semconv::kServerPort, int64_t{8080}},
                                     {semconv::kClientAddress, "10.0.0.9"},
                                     {semconv::kUserAgentOriginal, "curl/8"},
                                     {semconv::kNetworkProtocolVersion, "1.1"},
                                     {Key::intern("http.request.header.x-request-id"),
                                      std::vector<std::string>{"a", "b"}},
                                     {semconv::kHttpResponseStatusCode, int64_t{200}},
                                     {semconv::kNetworkPeerAddress, "10.0.0.9"},
                                     {semconv::kNetworkPeerPort, int64_t{4711}}});
};

TEST(OldNames, OfAServer) {
  EXPECT_THAT(added(kServerSpan(), kHttp),
              ElementsAre("http.method=GET", "http.status_code=200 (int)", "http.scheme=https",
                          "http.client_ip=10.0.0.9", "http.user_agent=curl/8",
                          "http.target=/shop?id=7", "http.flavor=1.1",
                          "http.request.header.x_request_id=[a][b]", "net.sock.peer.addr=10.0.0.9",
                          "net.sock.peer.port=4711 (int)", "net.protocol.version=1.1",
                          "net.host.name=shop.example", "net.host.port=8080 (int)"));
}

TEST(OldNames, OfAClient) {
  const auto span = span_of(SpanKind::kClient, {{semconv::kHttpRequestMethod, "_OTHER"},
                                                {semconv::kHttpRequestMethodOriginal, "BREW"},
                                                {semconv::kUrlFull, "http://shop/pot"},
                                                {semconv::kServerAddress, "shop"},
                                                {semconv::kNetworkProtocolVersion, "2"},
                                                {semconv::kNetworkTransport, "unix"}});
  EXPECT_THAT(added(span, kHttp),
              ElementsAre("http.method=BREW", "http.url=http://shop/pot", "http.flavor=2.0",
                          "net.protocol.version=2", "net.peer.name=shop", "net.transport=other"));
}

TEST(OldNames, ATargetIsWholeOrAbsent) {
  for (const Key cut : {semconv::kUrlQuery, semconv::kUrlFull}) {
    const auto span =
        span_of(SpanKind::kServer,
                {{semconv::kHttpRequestMethod, "GET"},
                 {semconv::kUrlPath, "/a"},
                 {semconv::kWeftTruncated, std::vector<std::string>{std::string(cut.text())}}});
    EXPECT_THAT(added(span, kHttp), ElementsAre("http.method=GET"));
  }
}

TEST(OldNames, OfADatabase) {
  const auto span = span_of(SpanKind::kClient, {{semconv::kDbSystemName, "postgresql"},
                                                {semconv::kDbNamespace, "shop|public"},
                                                {semconv::kDbQueryText, "select ?"},
                                                {semconv::kDbOperationName, "select"},
                                                {semconv::kServerPort, int64_t{5432}}});
  EXPECT_THAT(added(span, kDatabase),
              ElementsAre("db.system=postgresql", "db.statement=select ?", "db.operation=select",
                          "db.name=shop", "net.peer.port=5432 (int)"));
}

TEST(OldNames, OfRedisAndOfSystemsThatWereCalledOtherwise) {
  const auto redis = [](const char* index) {
    return added(span_of(SpanKind::kClient,
                         {{semconv::kDbSystemName, "redis"}, {semconv::kDbNamespace, index}}),
                 kDatabase);
  };
  EXPECT_THAT(redis("3"), ElementsAre("db.system=redis", "db.redis.database_index=3 (int)"));
  EXPECT_THAT(redis("x"), ElementsAre("db.system=redis"));
  EXPECT_THAT(added(span_of(SpanKind::kServer, {{semconv::kDbSystemName, "microsoft.sql_server"}}),
                    kDatabase),
              ElementsAre("db.system=mssql"));
}

TEST(OldNames, ThePeerOfACall) {
  const auto named = span_of(SpanKind::kClient, {{semconv::kServerAddress, "stock.example"},
                                                 {semconv::kNetworkPeerAddress, "10.0.0.7"}});
  EXPECT_THAT(added(named, kPeer), ElementsAre("peer.service=stock.example"));
  const auto bare = span_of(SpanKind::kProducer, {{semconv::kNetworkPeerAddress, "10.0.0.7"}});
  EXPECT_THAT(added(bare, kPeer), ElementsAre("peer.service=10.0.0.7"));
  EXPECT_THAT(added(kServerSpan(), kPeer), IsEmpty());
  EXPECT_THAT(added(span_of(SpanKind::kClient, {}), kPeer), IsEmpty());
}

TEST(OldNames, NothingIsCopiedThatHasNone) {
  const auto http = kServerSpan();
  EXPECT_EQ(with_old_names(http, kDatabase), http);
  EXPECT_EQ(with_old_names(http, {}), http);
  const auto storage = span_of(SpanKind::kInternal, {{semconv::kWalBytes, int64_t{1}}});
  EXPECT_EQ(with_old_names(storage, {true, true}), storage);
}

}  // namespace
}  // namespace weft

// SPDX-License-Identifier: Apache-2.0
// What only other versions than HTTP/1 say; the rest is tested in probes/protocol/http1.
#include "agent/http_semantics/request.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "agent/base/semconv.h"
#include "agent/http_semantics/response.h"

namespace weft::http_semantics {
namespace {

using Fields = std::vector<Field>;

SessionOptions options(Role role) {
  SessionOptions options;
  options.role = role;
  options.remote_address = "10.1.2.3";
  options.remote_port = 8443;
  return options;
}

struct Seen {
  std::string name;
  Attributes attributes;
  bool carries_spans;
};
Seen seen(const SessionOptions& options, const Fields& fields) {
  const Side side(options);
  RequestFacts facts(side, "2");
  for (const Field& field : fields) facts.field(field);
  const bool carries = facts.carries_spans();
  return {facts.span_name(), facts.attributes(), carries};
}

const Fields kGet = {{":method", "GET"},
                     {":scheme", "https"},
                     {":authority", "shop.example:8443"},
                     {":path", "/cart?id=7&sig=S3CRET"}};

TEST(RequestFacts, FieldsAreEnoughForAServer) {
  const Seen s = seen(options(Role::kServer), kGet);
  EXPECT_EQ(s.name, "GET");
  EXPECT_EQ(s.attributes.text(semconv::kHttpRequestMethod), "GET");
  EXPECT_EQ(s.attributes.text(semconv::kUrlScheme), "https") << "though nothing says encrypted";
  EXPECT_EQ(s.attributes.text(semconv::kUrlPath), "/cart");
  EXPECT_EQ(s.attributes.text(semconv::kUrlQuery), "id=7&sig=REDACTED");
  EXPECT_EQ(s.attributes.text(semconv::kServerAddress), "shop.example");
  EXPECT_EQ(s.attributes.text(semconv::kNetworkProtocolVersion), "2");
}

TEST(RequestFacts, FieldsAreEnoughForAClient) {
  const Seen s = seen(options(Role::kClient), kGet);
  EXPECT_EQ(s.attributes.text(semconv::kUrlFull),
            "https://shop.example:8443/cart?id=7&sig=REDACTED");
  EXPECT_EQ(s.attributes.text(semconv::kServerAddress), "shop.example");
}

TEST(RequestFacts, AnAuthorityWinsOverAHostAndLosesToAProxy) {
  Fields fields = kGet;
  fields.insert(fields.begin(), {"host", "other.example"});
  EXPECT_EQ(seen(options(Role::kServer), fields).attributes.text(semconv::kServerAddress),
            "shop.example");
  fields.push_back({"forwarded", "host=public.example;proto=http"});
  const Seen s = seen(options(Role::kServer), fields);
  EXPECT_EQ(s.attributes.text(semconv::kServerAddress), "public.example");
  EXPECT_EQ(s.attributes.text(semconv::kUrlScheme), "http");
}

TEST(RequestFacts, AConnectHasAnAuthorityAndNoPath) {
  const Seen s = seen(options(Role::kClient), {{":method", "CONNECT"}, {":authority", "db:5432"}});
  EXPECT_EQ(s.name, "CONNECT");
  EXPECT_EQ(s.attributes.text(semconv::kServerAddress), "db");
  EXPECT_EQ(s.attributes.find(semconv::kUrlFull), nullptr);
}

TEST(RequestFacts, AnExportOfSpansIsKnownByItsFields) {
  const Fields post = {
      {":method", "POST"}, {":path", "/v1/traces"}, {"content-type", "application/x-protobuf"}};
  EXPECT_TRUE(seen(options(Role::kServer), post).carries_spans);
  EXPECT_FALSE(seen(options(Role::kServer), kGet).carries_spans);
}

TEST(ResponseFacts, StatusAndVersionByRole) {
  for (const auto& [role, error] :
       {std::pair(Role::kServer, ""), std::pair(Role::kClient, "404")}) {
    const Side side(options(role));
    ResponseFacts facts(404, "2");
    Outcome outcome;
    facts.add_to(outcome, side);
    EXPECT_EQ(outcome.error_type, error);
    const bool client = role == Role::kClient;
    EXPECT_EQ(outcome.attributes.text(semconv::kNetworkProtocolVersion), client ? "2" : "");
  }
}

}  // namespace
}  // namespace weft::http_semantics

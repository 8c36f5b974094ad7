// SPDX-License-Identifier: Apache-2.0
#include "exporters/xray/name.h"

#include <gtest/gtest.h>

#include "exporters/xray/test_spans.h"

namespace weft::xray {
namespace {

TEST(AllowedName, LeavesOutWhatXrayRefuses) {
  EXPECT_EQ(allowed_name("GET /cart?id=7"), "GET /cartid=7");
  EXPECT_EQ(allowed_name("a_b.c:d/e%f&g#h=i+j\\k-l@m 0"), "a_b.c:d/e%f&g#h=i+j\\k-l@m 0");
  EXPECT_EQ(allowed_name("<{}>"), "span");
  EXPECT_EQ(allowed_name(""), "span");
}

TEST(AllowedName, KeepsLettersOfEveryScript) {
  EXPECT_EQ(allowed_name("żółć 価格 ٣"), "żółć 価格 ٣");
  EXPECT_EQ(allowed_name("a→b – €"), "ab  ");
  EXPECT_EQ(allowed_name("a\xff"), "a");
}

TEST(AllowedName, HasAtMost200Characters) {
  EXPECT_EQ(allowed_name(std::string(300, 'x')), std::string(200, 'x'));
  std::string long_text;
  for (int i = 0; i < 300; ++i) long_text += "ż";
  EXPECT_EQ(allowed_name(long_text).size(), 400u);
}

std::string named(std::initializer_list<Attribute> attributes) {
  const auto span = span_of(SpanKind::kClient);
  for (const Attribute& a : attributes) span->attributes.set(a.key, a.value);
  Fields fields;
  fields.read(span->attributes, 1000);
  return segment_name(*span, fields);
}

TEST(SegmentName, OfACallByRank) {
  using namespace semconv;
  EXPECT_EQ(named({{kServerAddress, "h"},
                   {kDbSystemName, "mysql"},
                   {kDbNamespace, "d"},
                   {"peer.service", "payments"}}),
            "payments");
  EXPECT_EQ(named({{kServerAddress, "h"}, {kDbSystemName, "mysql"}, {kDbNamespace, "d"}}), "d@h");
  EXPECT_EQ(named({{kDbSystemName, "mysql"}, {kDbNamespace, "d"}}), "d");
  EXPECT_EQ(named({{kServerAddress, "h"}, {"rpc.service", "shop.Cart"}}), "shop.Cart");
  EXPECT_EQ(named({{kServerAddress, "h"}, {"rpc.method", "shop.Cart/Add"}}), "shop.Cart");
  EXPECT_EQ(named({{kHttpRequestMethod, "GET"}, {kUrlFull, "https://u@stock:8443/x?y"}}), "stock");
  EXPECT_EQ(named({{kHttpRequestMethod, "GET"}, {kUrlFull, "http://[::1]/"}}), "::1");
  EXPECT_EQ(named({{kNetworkPeerAddress, "10.0.0.1"}}), "10.0.0.1");
  EXPECT_EQ(named({}), "GET /cart/id");
}

}  // namespace
}  // namespace weft::xray

// SPDX-License-Identifier: Apache-2.0
#include "agent/stitch/builder.h"

#include <gtest/gtest.h>

#include "agent/base/semconv.h"

namespace weft {
namespace {

constexpr Protocol kFake{.id = 1, .name = "fake", .make = nullptr, .sniff = nullptr};

class BuilderTest : public ::testing::Test {
 protected:
  BuilderTest() {
    info_.family = WEFT_FAMILY_IPV4;
    info_.remote = {.address = {192, 0, 2, 1}, .port = 8080};
    info_.remote_address = info_.remote.text();
    info_.protocol = &kFake;
    process_.resource = std::make_shared<const Resource>();
    node_.start.stamp.time = 1000;
    node_.start.stamp.pid = 7;
    outcome_.end_time = 3000;
    outcome_.name = "GET";
  }
  BuiltSpanPtr build(Role role) {
    node_.role = role;
    node_.connection = std::make_shared<const ConnectionInfo>(info_);
    node_.process = std::make_shared<const Process>(process_);
    return build_span(node_, Outcome(outcome_), {.offset = 5});
  }
  static int64_t number(const BuiltSpanPtr& span, Key key) {
    const Value* value = span->attributes.find(key);
    return value ? std::get<int64_t>(*value) : -1;
  }
  ConnectionInfo info_;
  Process process_;
  Node node_;
  Outcome outcome_;
};

TEST_F(BuilderTest, AClientsPeerIsItsServer) {
  const BuiltSpanPtr span = build(Role::kClient);
  EXPECT_EQ(span->kind, SpanKind::kClient);
  EXPECT_EQ(span->name, "GET");
  EXPECT_EQ(span->attributes.text(semconv::kNetworkPeerAddress), "192.0.2.1");
  EXPECT_EQ(number(span, semconv::kNetworkPeerPort), 8080);
  EXPECT_EQ(span->attributes.text(semconv::kServerAddress), "192.0.2.1");
  EXPECT_EQ(number(span, semconv::kServerPort), 8080);
  EXPECT_EQ(span->attributes.find(semconv::kClientAddress), nullptr);
}

TEST_F(BuilderTest, WhatTheClientHasReceivedTheServerHasSent) {
  node_.parent = NodePtr::make();
  node_.parent->answered = 2000;
  EXPECT_EQ(build(Role::kServer)->end, 3005u) << "it is the parent for another reason";
  node_.how = Correlation::kConnection;
  EXPECT_EQ(build(Role::kServer)->end, 2005u);
  node_.parent->answered = 500;
  EXPECT_EQ(build(Role::kServer)->end, 1005u) << "not before it began";
  node_.parent->answered = 4000;
  EXPECT_EQ(build(Role::kServer)->end, 3005u);
  node_.parent->answered = 0;
  EXPECT_EQ(build(Role::kServer)->end, 3005u) << "it did not wait for an answer, or got an error";
}

TEST_F(BuilderTest, AServersPeerIsItsClient) {
  const BuiltSpanPtr span = build(Role::kServer);
  EXPECT_EQ(span->kind, SpanKind::kServer);
  EXPECT_EQ(span->attributes.text(semconv::kNetworkPeerAddress), "192.0.2.1");
  EXPECT_EQ(span->attributes.text(semconv::kClientAddress), "192.0.2.1");
  EXPECT_EQ(span->attributes.find(semconv::kServerAddress), nullptr);
  EXPECT_EQ(span->attributes.find(semconv::kServerPort), nullptr);
}

TEST_F(BuilderTest, WhatTheProtocolSaysOfAddressesStands) {
  outcome_.attributes.set(semconv::kServerAddress, "shop.example");
  outcome_.attributes.set(semconv::kClientAddress, "198.51.100.7");
  const BuiltSpanPtr client = build(Role::kClient);
  EXPECT_EQ(client->attributes.text(semconv::kServerAddress), "shop.example");
  EXPECT_EQ(number(client, semconv::kServerPort), -1);
  EXPECT_EQ(build(Role::kServer)->attributes.text(semconv::kClientAddress), "198.51.100.7");
}

TEST_F(BuilderTest, TheClientIsWhomAProxySpeaksFor) {
  info_.client = Endpoint{.address = {198, 51, 100, 7}, .port = 4711};
  const BuiltSpanPtr span = build(Role::kServer);
  EXPECT_EQ(span->attributes.text(semconv::kClientAddress), "198.51.100.7");
  EXPECT_EQ(number(span, semconv::kClientPort), 4711);
  EXPECT_EQ(span->attributes.text(semconv::kNetworkPeerAddress), "192.0.2.1");
}

TEST_F(BuilderTest, AUnixSocketHasNoAddress) {
  info_.family = WEFT_FAMILY_UNIX;
  const BuiltSpanPtr span = build(Role::kClient);
  EXPECT_EQ(span->attributes.text(semconv::kNetworkTransport), "unix");
  EXPECT_EQ(span->attributes.size(), 1u);
  EXPECT_EQ(build(Role::kServer)->attributes.size(), 1u);
  info_.family = WEFT_FAMILY_IPV6;
  EXPECT_EQ(build(Role::kClient)->attributes.find(semconv::kNetworkTransport), nullptr);
}

TEST_F(BuilderTest, TimesAreUnixAndInOrder) {
  EXPECT_EQ(build(Role::kClient)->start, 1005u);
  EXPECT_EQ(build(Role::kClient)->end, 3005u);
  outcome_.end_time = 1;
  EXPECT_EQ(build(Role::kClient)->end, 1005u);
}

TEST_F(BuilderTest, Errors) {
  EXPECT_EQ(build(Role::kClient)->status, StatusCode::kUnset);
  EXPECT_EQ(build(Role::kClient)->attributes.find(semconv::kErrorType), nullptr);
  outcome_.error = true;
  outcome_.error_type = "500";
  EXPECT_EQ(build(Role::kClient)->status, StatusCode::kError);
  EXPECT_EQ(build(Role::kClient)->attributes.text(semconv::kErrorType), "500");
}

TEST_F(BuilderTest, AParentOfTheSameProcessIsNotRemote) {
  EXPECT_FALSE(build(Role::kClient)->parent.valid());
  node_.remote_parent = span_id_from(9);
  EXPECT_EQ(build(Role::kClient)->parent, span_id_from(9));
  EXPECT_TRUE(build(Role::kClient)->parent_is_remote);
  node_.parent = NodePtr::make();
  node_.parent->id = span_id_from(8);
  node_.parent->start.stamp.pid = 7;
  EXPECT_EQ(build(Role::kClient)->parent, span_id_from(8));
  EXPECT_FALSE(build(Role::kClient)->parent_is_remote);
  node_.parent->start.stamp.pid = 6;
  EXPECT_TRUE(build(Role::kClient)->parent_is_remote);
}

TEST_F(BuilderTest, TheSessionMaySayTheKind) {
  for (const SpanKind kind : {SpanKind::kProducer, SpanKind::kConsumer, SpanKind::kInternal}) {
    outcome_.kind = kind;
    const BuiltSpanPtr client = build(Role::kClient);
    EXPECT_EQ(client->kind, kind);
    EXPECT_EQ(client->attributes.text(semconv::kServerAddress), "192.0.2.1") << "still a client";
    const BuiltSpanPtr server = build(Role::kServer);
    EXPECT_EQ(server->kind, kind);
    EXPECT_EQ(server->attributes.text(semconv::kClientAddress), "192.0.2.1") << "still a server";
  }
}

TEST_F(BuilderTest, LinksAreTheSessions) {
  outcome_.links.push_back({.trace = TraceId::random(), .span = span_id_from(9)});
  outcome_.links[0].attributes.set(semconv::kErrorType, "3");
  const BuiltSpanPtr span = build(Role::kClient);
  ASSERT_EQ(span->links.size(), 1u);
  EXPECT_EQ(span->links[0].trace, outcome_.links[0].trace);
  EXPECT_EQ(span->links[0].span, span_id_from(9));
  EXPECT_EQ(span->links[0].attributes.size(), 1u);
}

TEST_F(BuilderTest, OfALostExchangeTheProtocolIsKnown) {
  build(Role::kServer);
  const Outcome lost = incomplete(node_, 4000);
  EXPECT_EQ(lost.name, "fake");
  EXPECT_EQ(lost.end_time, 4000u);
  EXPECT_FALSE(lost.error);
  static constexpr Protocol kNamed{
      .id = 2, .name = "fake", .make = nullptr, .sniff = nullptr, .span_name = "FAKE"};
  info_.protocol = &kNamed;
  build(Role::kServer);
  EXPECT_EQ(incomplete(node_, 4000).name, "FAKE");
}

}  // namespace
}  // namespace weft

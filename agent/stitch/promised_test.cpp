// SPDX-License-Identifier: Apache-2.0
// Patience and its bounds: an open request is promised, and exported even if it is lost.
#include <map>

#include "agent/stitch/waiting_fixture.h"

namespace weft {
namespace {

using testing::expect_root;
using testing::kPatience;
using PromisedTest = testing::WaitingTest;
using ::testing::IsEmpty;
using ::testing::SizeIs;

TEST_F(PromisedTest, PatienceEndsAndTheParentIsPromised) {
  Call in = request();
  Call first = query(8);
  Call second = query(9);
  end_quietly(first);
  const uint64_t since = time_;
  stitcher_.sweep(since + kPatience - 1);
  EXPECT_THAT(spans_.spans, IsEmpty());
  stitcher_.sweep(since + kPatience);
  ASSERT_THAT(spans_.spans, SizeIs(1));
  EXPECT_EQ(spans_.spans[0]->parent, span_id_from(7));
  EXPECT_EQ(end(second)->parent, span_id_from(7)) << "later ones at once";
  EXPECT_EQ(end(in)->id, span_id_from(7));
  EXPECT_THAT(take(), SizeIs(3)) << "told once";
}

TEST_F(PromisedTest, APromisedParentThatIsLostIsToldIncomplete) {
  Call out = begin(Role::kClient, {.pid = 1, .tid = 1, .exchange_id = 5, .client_port = 5000});
  Call in = request();
  const uint64_t begun = time_;
  Call inner = query();
  end_quietly(inner);
  stitcher_.sweep(time_ + kPatience);
  const SpanPtr child = take().at(0);
  abandon(in);
  EXPECT_THAT(spans_.spans, IsEmpty()) << "it has a parent of its own to wait for";
  end(out);
  const auto spans = take();
  ASSERT_THAT(spans, SizeIs(2));
  const SpanPtr lost = spans[1];
  EXPECT_EQ(lost->id, child->parent);
  EXPECT_EQ(lost->trace, child->trace);
  EXPECT_EQ(lost->parent, span_id_from(5));
  EXPECT_EQ(how(lost), "connection");
  EXPECT_EQ(lost->name, "fake");
  EXPECT_EQ(lost->kind, SpanKind::kServer);
  EXPECT_EQ(lost->status, StatusCode::kUnset);
  EXPECT_NE(lost->attributes.find(semconv::kWeftIncomplete), nullptr);
  EXPECT_EQ(lost->attributes.text(semconv::kNetworkPeerAddress), "127.0.0.1");
  EXPECT_EQ(lost->end - lost->start, time_ - 1 - begun) << "until the last that was heard";
  EXPECT_EQ(child->attributes.find(semconv::kWeftIncomplete), nullptr);
  EXPECT_EQ(counters_.get("weft.exchanges.abandoned").value(), 1u);
}

TEST_F(PromisedTest, OnlySoManyWait) {
  Call in = request();
  Call other = begin(Role::kServer, {.tid = 5, .exchange_id = 6, .client_port = 1});
  for (uint64_t i = 1; i <= WatchedNodes::kMostWaiting; ++i) {
    Call out = begin(Role::kClient,
                     {.exchange_id = 100 + i, .current_exchange = 7, .client_port = 2, .pos = i});
    end(out);
  }
  EXPECT_THAT(spans_.spans, IsEmpty());
  Call out =
      begin(Role::kClient, {.tid = 5, .exchange_id = 8, .current_exchange = 6, .client_port = 3});
  EXPECT_EQ(end(out)->parent, span_id_from(6));
  EXPECT_THAT(spans_.spans, SizeIs(1)) << "the others wait on";
  end(in);
  EXPECT_THAT(spans_.spans, SizeIs(2 + WatchedNodes::kMostWaiting));
  spans_.spans.clear();
  Call again = begin(Role::kServer, {.tid = 6, .exchange_id = 7, .client_port = 4});
  Call below =
      begin(Role::kClient, {.tid = 6, .exchange_id = 9, .current_exchange = 7, .client_port = 5});
  end_quietly(below);
}

// What is known of the open request is exported, so that its query has a parent.
TEST_F(PromisedTest, AtTheEndNobodyWaits) {
  Call in = request();
  Call promised = begin(Role::kServer, {.tid = 5, .exchange_id = 6, .client_port = 1});
  Call above =
      begin(Role::kClient, {.tid = 5, .exchange_id = 4, .current_exchange = 6, .client_port = 3});
  end(above);
  stitcher_.sweep(time_ + kPatience);
  EXPECT_THAT(take(), SizeIs(1));
  Call out = query();
  end_quietly(out);
  stitcher_.stop();
  const auto spans = take();
  std::map<SpanId, SpanPtr> ids;
  for (const SpanPtr& span : spans) ids[span->id] = span;
  ASSERT_THAT(ids, SizeIs(3));
  expect_root(ids[span_id_from(6)]);
  expect_root(ids[span_id_from(7)]);
  EXPECT_TRUE(ids[span_id_from(7)]->attributes.find(semconv::kWeftIncomplete));
  EXPECT_EQ(ids[span_id_from(8)]->parent, span_id_from(7));
  abandon(in);
  abandon(promised);
  EXPECT_THAT(spans_.spans, IsEmpty()) << "told already, or not at all";
}

TEST_F(PromisedTest, WhatWaitsForADisownedOneLeaves) {
  Call in = request();
  Call out = query();
  end_quietly(out);
  in.sink->disown();
  in.sink.reset();
  const auto spans = take();
  ASSERT_THAT(spans, SizeIs(1));
  expect_root(spans[0]);
  stitcher_.stop();
}

TEST_F(PromisedTest, ALinkIsAPromise) {
  Call in = request();
  SpanTree flush;
  flush.by = {.tid = 5, .pid = 100};
  flush.serves_all = true;
  flush.parent_ref = stitcher_.parent_ref(flush.by, 0, true);
  stitcher_.emit(std::move(flush));
  abandon(in);
  const auto spans = take();
  ASSERT_THAT(spans, SizeIs(2));
  ASSERT_THAT(spans[0]->links, SizeIs(1));
  EXPECT_EQ(spans[0]->links[0].span, spans[1]->id);
  EXPECT_EQ(spans[0]->links[0].trace, spans[1]->trace);
}

}  // namespace
}  // namespace weft

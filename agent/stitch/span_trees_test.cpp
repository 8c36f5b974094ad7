// SPDX-License-Identifier: Apache-2.0
// Engines' span trees: their parents, and the spans they become.
#include <gmock/gmock.h>

#include "agent/stitch/span_trees_fixture.h"

namespace weft {
namespace {

using ::testing::IsEmpty;
using testing::kParent;
using testing::kTrace;
using ::testing::SizeIs;
using testing::SpanTreesTest;

TEST_F(SpanTreesTest, TheRequestOfTheThreadIsTheParent) {
  Call in = begin(Role::kServer, {.exchange_id = 7});
  const SpanPtr span = told_by(by(7));
  const SpanPtr server = end(in);
  EXPECT_EQ(span->parent, server->id);
  EXPECT_EQ(span->trace, server->trace);
  EXPECT_EQ(how(span), "thread");
  EXPECT_FALSE(span->parent_is_remote);
  EXPECT_EQ(span->resource, server->resource);
}

// A span tree may outlive its request, which was lost meanwhile.
TEST_F(SpanTreesTest, ALostRequestIsNoParent) {
  Call in = begin(Role::kServer, {.exchange_id = 7});
  ParentRefPtr at = parent_ref(by(7));
  in.sink.reset();  // its connection was given up
  const SpanPtr span = tell(tree("s", by(7)), std::move(at));
  EXPECT_FALSE(span->parent.valid());
}

TEST_F(SpanTreesTest, ALaterExchangeOfTheThreadIsStillTheRequests) {
  Call in = begin(Role::kServer, {.exchange_id = 7});
  const SpanPtr span = told_by(by(8));
  EXPECT_EQ(span->parent, end(in)->id) << "rows for a COPY";
}

TEST_F(SpanTreesTest, AnotherThreadIsNoParent) {
  Call in = begin(Role::kServer, {.exchange_id = 7});
  for (const Stamp& other : {by(7, /*tid=*/101), by(0), by(7, 100, /*pid=*/101)}) {
    const SpanPtr span = told_by(other);
    EXPECT_FALSE(span->parent.valid());
    EXPECT_TRUE(span->trace.valid());
    EXPECT_EQ(how(span), "");
  }
}

TEST_F(SpanTreesTest, TheExchangeThatIsCurrentSaysWhich) {
  Call a = begin(Role::kServer, {.exchange_id = 7, .client_port = 1});
  Call b = begin(Role::kServer, {.exchange_id = 9, .client_port = 2});
  const SpanPtr of_a = told_by(by(7));
  const SpanPtr of_b = told_by(by(9));
  EXPECT_EQ(of_a->parent, end(a)->id);
  EXPECT_EQ(of_b->parent, end(b)->id);
}

TEST_F(SpanTreesTest, WhereThreadsOwnNothingTheRulesForClientsHold) {
  Call a = begin(Role::kServer, {.exchange_id = 7, .client_port = 1});
  const ParentRefPtr alone = stitcher_.parent_ref(by(7), 0, false);
  Call b = begin(Role::kServer, {.exchange_id = 9, .client_port = 2});
  const ParentRefPtr one_of_two = stitcher_.parent_ref(by(7), 0, false);
  const SpanPtr sure = tell(tree("s", by(7)), alone);
  EXPECT_FALSE(tell(tree("s", by(7)), one_of_two)->parent.valid());
  EXPECT_EQ(sure->parent, end(a)->id);
  EXPECT_EQ(how(sure), "thread");
}

TEST_F(SpanTreesTest, TheRequestMayBeOverWhenTheTreeIsEmitted) {
  Call in = begin(Role::kServer, {.exchange_id = 7});
  in.sink->head(in.handle, context(kTrace, kParent));
  const ParentRefPtr here = parent_ref(by(7));
  const SpanPtr server = end(in);
  const SpanPtr span = tell(tree("s", by(7)), here);
  EXPECT_EQ(span->parent, server->id);
  EXPECT_EQ(span->trace.hex(), kTrace);
  EXPECT_EQ(span->trace_state, "a=1");
}

TEST_F(SpanTreesTest, ATreeBecomesATreeOfSpans) {
  Call in = begin(Role::kServer, {.exchange_id = 7});
  SpanTree flush = tree("flush", by(7));
  SpanTree sync = tree("sync", by(7));
  sync.error_type = "EIO";
  sync.attributes.set(semconv::kWalBytes, 5);
  sync.children.push_back(tree("deeper", by(7)));
  sync.children.back().end = 1;  // before its start
  flush.children.push_back(std::move(sync));
  flush.children.push_back(tree("wait", by(7)));
  const ParentRefPtr here = parent_ref(by(7));
  end(in);
  spans_.spans.clear();
  const SpanPtr root = tell(std::move(flush), here);
  ASSERT_THAT(spans_.spans, SizeIs(4));
  const auto& s = spans_.spans;
  EXPECT_EQ(root->name, "flush");
  EXPECT_EQ(s[1]->name, "sync");
  EXPECT_EQ(s[2]->name, "deeper");
  EXPECT_EQ(s[3]->name, "wait");
  EXPECT_EQ(s[1]->parent, root->id);
  EXPECT_EQ(s[2]->parent, s[1]->id);
  EXPECT_EQ(s[3]->parent, root->id);
  EXPECT_EQ(s[1]->status, StatusCode::kError);
  EXPECT_EQ(s[1]->attributes.text(semconv::kErrorType), "EIO");
  EXPECT_NE(s[1]->attributes.find(semconv::kWalBytes), nullptr);
  EXPECT_EQ(root->status, StatusCode::kUnset);
  EXPECT_EQ(s[1]->end - s[1]->start, 500u);
  EXPECT_EQ(s[2]->end, s[2]->start) << "never before its start";
  for (const SpanPtr& span : s) EXPECT_EQ(span->trace, root->trace);
  EXPECT_EQ(how(root), "thread");
  EXPECT_EQ(how(s[1]), "") << "said once, of the outermost";
  EXPECT_EQ(counters_.get("weft.spans.emitted").value(), 5u);
}

TEST_F(SpanTreesTest, AnIdentityIsKeptAndCanBeLinkedTo) {
  const ParentRefPtr here = parent_ref(by(0));
  const SpanContextPtr promised = stitcher_.reserve_context(here);
  SpanTree waiter = tree("waiter", by(0, 101));
  waiter.links.push_back(promised);
  const SpanPtr linking = tell(std::move(waiter), parent_ref(by(0, 101)));
  SpanTree sync = tree("sync", by(0));
  sync.span_context = promised;
  const SpanPtr linked = tell(std::move(sync), here);
  ASSERT_THAT(linking->links, SizeIs(1));
  EXPECT_EQ(linking->links[0].span, linked->id);
  EXPECT_EQ(linking->links[0].trace, linked->trace);
  EXPECT_NE(linking->trace, linked->trace);
}

// A sync is linked to before its own parent is known.
TEST_F(SpanTreesTest, ThePartsPromisedTraceIsTheWholes) {
  SpanTree sync = tree("sync", by(0));
  sync.span_context = stitcher_.reserve_context(parent_ref(by(0)));
  SpanTree waiter = tree("waiter", by(0, 101));
  waiter.links.push_back(sync.span_context);
  const TraceId promised = tell(std::move(waiter), parent_ref(by(0, 101)))->links[0].trace;
  SpanTree flush = tree("flush", by(0));
  flush.span_context = stitcher_.reserve_context(parent_ref(by(0)));
  flush.children.push_back(tree("wait", by(0)));
  flush.children.push_back(std::move(sync));
  const SpanPtr span = tell(std::move(flush), parent_ref(by(0)));
  EXPECT_EQ(span->trace, promised);
  EXPECT_EQ(spans_.spans.back()->trace, promised);
}

// A span is emitted alone or inside another tree; a link made later must find its final trace.
TEST_F(SpanTreesTest, WhatIsLinkedToLaterIsWhereItWasTold) {
  SpanTree sync = tree("sync", by(0));
  const SpanContextPtr promised = sync.span_context = stitcher_.reserve_context(parent_ref(by(0)));
  SpanTree flush = tree("flush", by(0));
  flush.children.push_back(std::move(sync));
  const SpanPtr span = tell(std::move(flush), parent_ref(by(0)));
  SpanTree waiter = tree("waiter", by(0, 101));
  waiter.links.push_back(promised);
  EXPECT_EQ(tell(std::move(waiter), parent_ref(by(0, 101)))->links[0].trace, span->trace);
}

// Two link targets, promised in different traces, turn out to be parts of one tree.
TEST_F(SpanTreesTest, OfTwoPromisesOneIsKeptAndLaterLinksKnow) {
  const auto linking_to = [&](const SpanContextPtr& part) {
    SpanTree waiter = tree("waiter", by(0, 101));
    waiter.links.push_back(part);
    return tell(std::move(waiter), parent_ref(by(0, 101)))->links.at(0).trace;
  };
  SpanTree flush = tree("flush", by(0));
  for (const char* name : {"one", "two"}) {
    flush.children.push_back(tree(name, by(0)));
    flush.children.back().span_context = stitcher_.reserve_context(parent_ref(by(0)));
  }
  const SpanContextPtr one = flush.children[0].span_context;
  const SpanContextPtr two = flush.children[1].span_context;
  const TraceId promised = linking_to(one);
  EXPECT_NE(linking_to(two), promised);
  EXPECT_EQ(tell(std::move(flush), parent_ref(by(0)))->trace, promised);
  EXPECT_EQ(linking_to(two), promised);
}

TEST_F(SpanTreesTest, OnePlaceIsOneTrace) {
  const ParentRefPtr here = parent_ref(by(0));
  SpanTree waiter = tree("waiter", by(0, 101));
  waiter.links = {stitcher_.reserve_context(here), stitcher_.reserve_context(here)};
  const SpanPtr span = tell(std::move(waiter), parent_ref(by(0, 101)));
  EXPECT_EQ(span->links.at(0).trace, span->links.at(1).trace);
}

// Also when both wait at the same time.
TEST_F(SpanTreesTest, TwoTreesOfAThreadAreTwoTraces) {
  const ParentRefPtr first = parent_ref(by(0));
  const ParentRefPtr second = parent_ref(by(0));
  SpanTree sync = tree("sync", by(0));
  sync.span_context = stitcher_.reserve_context(first);
  const SpanPtr one = tell(std::move(sync), first);
  EXPECT_NE(tell(tree("flush", by(0)), second)->trace, one->trace);
}

TEST_F(SpanTreesTest, AnIdentityBelowARequestIsOfItsTrace) {
  Call in = begin(Role::kServer, {.exchange_id = 7});
  SpanTree waiter = tree("waiter", by(0, 101));
  waiter.links.push_back(stitcher_.reserve_context(parent_ref(by(7))));
  const SpanPtr linking = tell(std::move(waiter), parent_ref(by(0, 101)));
  EXPECT_EQ(linking->links[0].trace, end(in)->trace);
}

TEST_F(SpanTreesTest, WhatServesAllLinksToWhatIsOpen) {
  Call a = begin(Role::kServer, {.tid = 1, .exchange_id = 7, .client_port = 1});
  Call b = begin(Role::kServer, {.tid = 2, .exchange_id = 9, .client_port = 2});
  Call other = begin(Role::kServer, {.pid = 101, .exchange_id = 10, .client_port = 3});
  Call over = begin(Role::kServer, {.tid = 3, .exchange_id = 11, .client_port = 4});
  end(over);
  SpanTree flush = tree("flush", by(0, 5));
  flush.serves_all = true;
  const SpanPtr span = tell(std::move(flush), parent_ref(by(0, 5)));
  const SpanPtr first = end(a);
  const SpanPtr second = end(b);
  ASSERT_THAT(span->links, SizeIs(2));
  EXPECT_EQ(span->links[0].span, first->id);
  EXPECT_EQ(span->links[0].trace, first->trace);
  EXPECT_EQ(span->links[1].span, second->id);
}

TEST_F(SpanTreesTest, LinksAreBounded) {
  std::vector<Call> open;
  for (uint32_t i = 1; i <= 200; ++i)
    open.push_back(begin(Role::kServer, {.tid = i, .exchange_id = i}));
  SpanTree flush = tree("flush", by(0, 5));
  flush.serves_all = true;
  EXPECT_THAT(tell(std::move(flush), parent_ref(by(0, 5)))->links, SizeIs(128));
}

TEST_F(SpanTreesTest, ProcessesThatAreNotTracedHaveNone) {
  const Stamp denied = by(0, 700, 700);
  EXPECT_EQ(told_by(denied), nullptr);
  EXPECT_THAT(spans_.spans, IsEmpty());
  EXPECT_EQ(unwanted(), 1u);
}

TEST_F(SpanTreesTest, WhoWasTracedWhenItBeganIsToldOf) {
  const ParentRefPtr here = parent_ref(by(0));
  executes_another(100);
  EXPECT_NE(tell(tree("s", by(0)), here), nullptr);
}

}  // namespace
}  // namespace weft

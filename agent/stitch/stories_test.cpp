// SPDX-License-Identifier: Apache-2.0
// Engines' stories: where they hang, and the spans they become.
#include <gmock/gmock.h>

#include "agent/stitch/stories_fixture.h"

namespace weft {
namespace {

using ::testing::IsEmpty;
using testing::kParent;
using testing::kTrace;
using ::testing::SizeIs;
using testing::StoriesTest;

TEST_F(StoriesTest, TheRequestOfTheThreadIsTheParent) {
  Call in = begin(Role::kServer, {.xid = 7});
  const SpanPtr span = told_by(by(7));
  const SpanPtr server = end(in);
  EXPECT_EQ(span->parent, server->id);
  EXPECT_EQ(span->trace, server->trace);
  EXPECT_EQ(how(span), "thread");
  EXPECT_FALSE(span->parent_is_remote);
  EXPECT_EQ(span->resource, server->resource);
}

// Of a request that was lost the story may be the last to know.
TEST_F(StoriesTest, ALostRequestIsNoParent) {
  Call in = begin(Role::kServer, {.xid = 7});
  PlacePtr at = place(by(7));
  in.sink.reset();  // its connection was given up
  const SpanPtr span = tell(story("s", by(7)), std::move(at));
  EXPECT_FALSE(span->parent.valid());
}

TEST_F(StoriesTest, ALaterExchangeOfTheThreadIsStillTheRequests) {
  Call in = begin(Role::kServer, {.xid = 7});
  const SpanPtr span = told_by(by(8));
  EXPECT_EQ(span->parent, end(in)->id) << "rows for a COPY";
}

TEST_F(StoriesTest, AnotherThreadIsNoParent) {
  Call in = begin(Role::kServer, {.xid = 7});
  for (const Stamp& other : {by(7, /*tid=*/101), by(0), by(7, 100, /*pid=*/101)}) {
    const SpanPtr span = told_by(other);
    EXPECT_FALSE(span->parent.valid());
    EXPECT_TRUE(span->trace.valid());
    EXPECT_EQ(how(span), "");
  }
}

TEST_F(StoriesTest, TheExchangeThatIsCurrentSaysWhich) {
  Call a = begin(Role::kServer, {.xid = 7, .client_port = 1});
  Call b = begin(Role::kServer, {.xid = 9, .client_port = 2});
  const SpanPtr of_a = told_by(by(7));
  const SpanPtr of_b = told_by(by(9));
  EXPECT_EQ(of_a->parent, end(a)->id);
  EXPECT_EQ(of_b->parent, end(b)->id);
}

TEST_F(StoriesTest, WhereThreadsOwnNothingTheRulesForClientsHold) {
  Call a = begin(Role::kServer, {.xid = 7, .client_port = 1});
  const PlacePtr alone = stitcher_.place(by(7), 0, false);
  Call b = begin(Role::kServer, {.xid = 9, .client_port = 2});
  const PlacePtr one_of_two = stitcher_.place(by(7), 0, false);
  const SpanPtr sure = tell(story("s", by(7)), alone);
  EXPECT_FALSE(tell(story("s", by(7)), one_of_two)->parent.valid());
  EXPECT_EQ(sure->parent, end(a)->id);
  EXPECT_EQ(how(sure), "thread");
}

TEST_F(StoriesTest, TheRequestMayBeOverWhenTheStoryIsTold) {
  Call in = begin(Role::kServer, {.xid = 7});
  in.sink->head(in.handle, context(kTrace, kParent));
  const PlacePtr here = place(by(7));
  const SpanPtr server = end(in);
  const SpanPtr span = tell(story("s", by(7)), here);
  EXPECT_EQ(span->parent, server->id);
  EXPECT_EQ(span->trace.hex(), kTrace);
  EXPECT_EQ(span->trace_state, "a=1");
}

TEST_F(StoriesTest, ATreeBecomesATreeOfSpans) {
  Call in = begin(Role::kServer, {.xid = 7});
  Story flush = story("flush", by(7));
  Story sync = story("sync", by(7));
  sync.error_type = "EIO";
  sync.attributes.set(semconv::kWalBytes, 5);
  sync.inner.push_back(story("deeper", by(7)));
  sync.inner.back().end = 1;  // before its start
  flush.inner.push_back(std::move(sync));
  flush.inner.push_back(story("wait", by(7)));
  const PlacePtr here = place(by(7));
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

TEST_F(StoriesTest, AnIdentityIsKeptAndCanBeLinkedTo) {
  const PlacePtr here = place(by(0));
  const SpanIdentityPtr promised = stitcher_.identify(here);
  Story waiter = story("waiter", by(0, 101));
  waiter.links.push_back(promised);
  const SpanPtr linking = tell(std::move(waiter), place(by(0, 101)));
  Story sync = story("sync", by(0));
  sync.identity = promised;
  const SpanPtr linked = tell(std::move(sync), here);
  ASSERT_THAT(linking->links, SizeIs(1));
  EXPECT_EQ(linking->links[0].span, linked->id);
  EXPECT_EQ(linking->links[0].trace, linked->trace);
  EXPECT_NE(linking->trace, linked->trace);
}

// A sync has been linked to before it is known what it is part of.
TEST_F(StoriesTest, ThePartsPromisedTraceIsTheWholes) {
  Story sync = story("sync", by(0));
  sync.identity = stitcher_.identify(place(by(0)));
  Story waiter = story("waiter", by(0, 101));
  waiter.links.push_back(sync.identity);
  const TraceId promised = tell(std::move(waiter), place(by(0, 101)))->links[0].trace;
  Story flush = story("flush", by(0));
  flush.identity = stitcher_.identify(place(by(0)));
  flush.inner.push_back(story("wait", by(0)));
  flush.inner.push_back(std::move(sync));
  const SpanPtr span = tell(std::move(flush), place(by(0)));
  EXPECT_EQ(span->trace, promised);
  EXPECT_EQ(spans_.spans.back()->trace, promised);
}

// Told by itself, or part of another story: a link that comes later says where it is.
TEST_F(StoriesTest, WhatIsLinkedToLaterIsWhereItWasTold) {
  Story sync = story("sync", by(0));
  const SpanIdentityPtr promised = sync.identity = stitcher_.identify(place(by(0)));
  Story flush = story("flush", by(0));
  flush.inner.push_back(std::move(sync));
  const SpanPtr span = tell(std::move(flush), place(by(0)));
  Story waiter = story("waiter", by(0, 101));
  waiter.links.push_back(promised);
  EXPECT_EQ(tell(std::move(waiter), place(by(0, 101)))->links[0].trace, span->trace);
}

// Two that were linked to, each in a trace of its own, turn out to be parts of one story.
TEST_F(StoriesTest, OfTwoPromisesOneIsKeptAndLaterLinksKnow) {
  const auto linking_to = [&](const SpanIdentityPtr& part) {
    Story waiter = story("waiter", by(0, 101));
    waiter.links.push_back(part);
    return tell(std::move(waiter), place(by(0, 101)))->links.at(0).trace;
  };
  Story flush = story("flush", by(0));
  for (const char* name : {"one", "two"}) {
    flush.inner.push_back(story(name, by(0)));
    flush.inner.back().identity = stitcher_.identify(place(by(0)));
  }
  const SpanIdentityPtr one = flush.inner[0].identity;
  const SpanIdentityPtr two = flush.inner[1].identity;
  const TraceId promised = linking_to(one);
  EXPECT_NE(linking_to(two), promised);
  EXPECT_EQ(tell(std::move(flush), place(by(0)))->trace, promised);
  EXPECT_EQ(linking_to(two), promised);
}

TEST_F(StoriesTest, OnePlaceIsOneTrace) {
  const PlacePtr here = place(by(0));
  Story waiter = story("waiter", by(0, 101));
  waiter.links = {stitcher_.identify(here), stitcher_.identify(here)};
  const SpanPtr span = tell(std::move(waiter), place(by(0, 101)));
  EXPECT_EQ(span->links.at(0).trace, span->links.at(1).trace);
}

// Whatever else of the thread waits at the same time.
TEST_F(StoriesTest, TwoStoriesOfAThreadAreTwoTraces) {
  const PlacePtr first = place(by(0));
  const PlacePtr second = place(by(0));
  Story sync = story("sync", by(0));
  sync.identity = stitcher_.identify(first);
  const SpanPtr one = tell(std::move(sync), first);
  EXPECT_NE(tell(story("flush", by(0)), second)->trace, one->trace);
}

TEST_F(StoriesTest, AnIdentityBelowARequestIsOfItsTrace) {
  Call in = begin(Role::kServer, {.xid = 7});
  Story waiter = story("waiter", by(0, 101));
  waiter.links.push_back(stitcher_.identify(place(by(7))));
  const SpanPtr linking = tell(std::move(waiter), place(by(0, 101)));
  EXPECT_EQ(linking->links[0].trace, end(in)->trace);
}

TEST_F(StoriesTest, WhatServesAllLinksToWhatIsOpen) {
  Call a = begin(Role::kServer, {.tid = 1, .xid = 7, .client_port = 1});
  Call b = begin(Role::kServer, {.tid = 2, .xid = 9, .client_port = 2});
  Call other = begin(Role::kServer, {.pid = 101, .xid = 10, .client_port = 3});
  Call over = begin(Role::kServer, {.tid = 3, .xid = 11, .client_port = 4});
  end(over);
  Story flush = story("flush", by(0, 5));
  flush.serves_all = true;
  const SpanPtr span = tell(std::move(flush), place(by(0, 5)));
  const SpanPtr first = end(a);
  const SpanPtr second = end(b);
  ASSERT_THAT(span->links, SizeIs(2));
  EXPECT_EQ(span->links[0].span, first->id);
  EXPECT_EQ(span->links[0].trace, first->trace);
  EXPECT_EQ(span->links[1].span, second->id);
}

TEST_F(StoriesTest, LinksAreBounded) {
  std::vector<Call> open;
  for (uint32_t i = 1; i <= 200; ++i) open.push_back(begin(Role::kServer, {.tid = i, .xid = i}));
  Story flush = story("flush", by(0, 5));
  flush.serves_all = true;
  EXPECT_THAT(tell(std::move(flush), place(by(0, 5)))->links, SizeIs(128));
}

TEST_F(StoriesTest, ProcessesThatAreNotTracedHaveNone) {
  const Stamp denied = by(0, 700, 700);
  EXPECT_EQ(told_by(denied), nullptr);
  EXPECT_THAT(spans_.spans, IsEmpty());
  EXPECT_EQ(unwanted(), 1u);
}

TEST_F(StoriesTest, WhoWasTracedWhenItBeganIsToldOf) {
  const PlacePtr here = place(by(0));
  executes_another(100);
  EXPECT_NE(tell(story("s", by(0)), here), nullptr);
}

}  // namespace
}  // namespace weft

// SPDX-License-Identifier: Apache-2.0
// A parent that is named is exported: spans wait for it, begin their trace without it, and
// what was promised is told even if it is lost.
#include <gmock/gmock.h>
#include <set>

#include "agent/stitch/stitch_fixture.h"

namespace weft {
namespace {

using ::testing::IsEmpty;
using testing::kParent;
using testing::kTrace;
using testing::outcome;
using ::testing::SizeIs;

constexpr uint64_t kPatience = WatchedNodes::kPatience;

class WaitingTest : public testing::StitchFixture {
 protected:
  WaitingTest() { patient_ = true; }

  Call request(uint64_t xid = 7) { return begin(Role::kServer, {.xid = xid}); }
  // Made by the thread that serves request 7.
  Call query(uint64_t xid = 8) {
    return begin(Role::kClient,
                 {.xid = xid, .task_xid = 7, .client_port = static_cast<uint16_t>(5000 + xid)});
  }
  void end_quietly(Call& call) {
    const size_t before = spans_.spans.size();
    end(call);
    EXPECT_THAT(spans_.spans, SizeIs(before)) << "has to wait";
  }
  void abandon(Call& call) { call.sink->abandon(call.handle); }
  std::vector<SpanPtr> take() { return std::exchange(spans_.spans, {}); }
  uint64_t parents(const char* how) {
    return counters_.get("weft.spans.parents", {{"how", how}}).value();
  }
  uint64_t emitted() { return counters_.get("weft.spans.emitted").value(); }
};

void expect_root(const SpanPtr& span) {
  EXPECT_FALSE(span->parent.valid());
  EXPECT_FALSE(span->parent_is_remote);
  EXPECT_TRUE(span->trace.valid());
  EXPECT_EQ(span->attributes.find(semconv::kWeftCorrelation), nullptr);
}

TEST_F(WaitingTest, ASpanLeavesWithItsParent) {
  Call in = request();
  Call first = query(8);
  Call second = query(9);
  end_quietly(first);
  end_quietly(second);
  EXPECT_EQ(emitted(), 0u);
  end(in);
  const auto spans = take();
  ASSERT_THAT(spans, SizeIs(3));
  EXPECT_EQ(spans[0]->id, span_id_from(7));
  EXPECT_EQ(spans[1]->id, span_id_from(8)) << "in the order they ended";
  EXPECT_EQ(spans[2]->id, span_id_from(9));
  for (const SpanPtr& child : {spans[1], spans[2]}) {
    EXPECT_EQ(child->parent, span_id_from(7));
    EXPECT_EQ(child->trace, spans[0]->trace);
    EXPECT_EQ(how(child), "thread");
  }
  EXPECT_EQ(emitted(), 3u);
  EXPECT_EQ(parents("thread"), 2u);
  EXPECT_EQ(parents("none"), 1u);
}

TEST_F(WaitingTest, WithoutAParentItLeavesAtOnce) {
  Call in = request();
  end(in);
  EXPECT_THAT(take(), SizeIs(1));
}

TEST_F(WaitingTest, WithoutItsParentItBeginsItsTrace) {
  Call in = request();
  Call first = query(8);
  Call second = query(9);
  end_quietly(first);
  end_quietly(second);
  abandon(in);
  const auto spans = take();
  ASSERT_THAT(spans, SizeIs(2));
  expect_root(spans[0]);
  expect_root(spans[1]);
  EXPECT_EQ(spans[0]->trace, spans[1]->trace) << "still of one trace";
  EXPECT_EQ(parents("none"), 2u);
  EXPECT_EQ(parents("thread"), 0u);
}

TEST_F(WaitingTest, WhatEndsAfterItsParentIsLostIsARootToo) {
  Call in = request();
  Call early = query(8);
  Call late = query(9);
  end_quietly(early);
  abandon(in);
  expect_root(end(late));
}

TEST_F(WaitingTest, ALostClientLeavesTheServerItsHeader) {
  Call out = begin(Role::kClient, {.pid = 1, .tid = 1, .xid = 8, .client_port = 6000});
  out.sink->head(out.handle, context(kTrace, kParent));
  Call in = begin(Role::kServer, {.pid = 2, .tid = 2, .xid = 9, .client_port = 6000});
  in.sink->head(in.handle, context(kTrace, kParent));
  end_quietly(in);
  abandon(out);
  const auto spans = take();
  ASSERT_THAT(spans, SizeIs(1));
  EXPECT_EQ(spans[0]->parent.hex(), kParent);
  EXPECT_EQ(spans[0]->trace.hex(), kTrace);
  EXPECT_TRUE(spans[0]->parent_is_remote);
  EXPECT_EQ(how(spans[0]), "header");
  EXPECT_EQ(parents("header"), 1u);
  EXPECT_EQ(parents("tuple"), 0u);
}

TEST_F(WaitingTest, ALostRequestLeavesTheClientTheHeaderItPassedOn) {
  Call in = request();
  in.sink->head(in.handle, context(kTrace, kParent));
  Call out = query();
  out.sink->head(out.handle, context(kTrace, kParent));
  end_quietly(out);
  abandon(in);
  const auto spans = take();
  ASSERT_THAT(spans, SizeIs(1));
  EXPECT_EQ(spans[0]->parent.hex(), kParent);
  EXPECT_EQ(how(spans[0]), "header");
}

// A span that took the announced id is not its own parent.
TEST_F(WaitingTest, ALostRequestLeavesAnAnnouncedIdARoot) {
  Call in = request();
  in.sink->head(in.handle, context(kTrace, kParent));
  Call out = query();
  out.sink->head(out.handle, context(kTrace, "00000000000000bb"));
  end_quietly(out);
  abandon(in);
  const auto spans = take();
  ASSERT_THAT(spans, SizeIs(1));
  EXPECT_EQ(spans[0]->id.hex(), "00000000000000bb");
  EXPECT_EQ(spans[0]->trace.hex(), kTrace);
  expect_root(spans[0]);
}

TEST_F(WaitingTest, AParentThatWaitsItselfIsCertain) {
  Call out = begin(Role::kClient, {.pid = 1, .tid = 1, .xid = 5, .client_port = 5000});
  Call in = request();
  Call inner = query();
  end_quietly(inner);
  end(in);
  ASSERT_THAT(spans_.spans, SizeIs(1)) << "the query; the request waits for its client";
  EXPECT_EQ(spans_.spans[0]->parent, span_id_from(7));
  end(out);
  EXPECT_THAT(take(), SizeIs(3));
}

TEST_F(WaitingTest, AProcessThatIsNotTracedIsNoParent) {
  Call out = begin(Role::kClient, {.pid = 700, .tid = 1, .xid = 8, .client_port = 6000});
  Call in = begin(Role::kServer, {.pid = 2, .tid = 2, .xid = 9, .client_port = 6000});
  const SpanPtr server = end(in);
  ASSERT_NE(server, nullptr) << "nothing to wait for";
  expect_root(server);
  end(out);
  EXPECT_THAT(take(), SizeIs(1));
}

TEST_F(WaitingTest, ALostClientIsNotJoinedLater) {
  Call out = begin(Role::kClient, {.pid = 1, .tid = 1, .xid = 8, .client_port = 6000});
  abandon(out);
  Call in = begin(Role::kServer, {.pid = 2, .tid = 2, .xid = 9, .client_port = 6000});
  expect_root(end(in));
}

TEST_F(WaitingTest, AChildThatBeginsBelowALostParentHasATraceOfItsOwn) {
  Call out = begin(Role::kClient, {.pid = 1, .tid = 1, .xid = 8, .client_port = 6000});
  Call in = begin(Role::kServer, {.pid = 2, .tid = 2, .xid = 9, .client_port = 6000});
  in.sink->head(in.handle, context(kTrace, kParent));
  abandon(out);
  const SpanPtr server = end(in);
  EXPECT_EQ(server->trace.hex(), kTrace);
  EXPECT_EQ(server->parent.hex(), kParent);
}

TEST_F(WaitingTest, PatienceEndsAndTheParentIsPromised) {
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

TEST_F(WaitingTest, APromisedParentThatIsLostIsToldIncomplete) {
  Call out = begin(Role::kClient, {.pid = 1, .tid = 1, .xid = 5, .client_port = 5000});
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
  EXPECT_EQ(how(lost), "tuple");
  EXPECT_EQ(lost->name, "fake");
  EXPECT_EQ(lost->kind, SpanKind::kServer);
  EXPECT_EQ(lost->status, StatusCode::kUnset);
  EXPECT_NE(lost->attributes.find(semconv::kWeftIncomplete), nullptr);
  EXPECT_EQ(lost->attributes.text(semconv::kNetworkPeerAddress), "127.0.0.1");
  EXPECT_EQ(lost->end - lost->start, time_ - 1 - begun) << "until the last that was heard";
  EXPECT_EQ(child->attributes.find(semconv::kWeftIncomplete), nullptr);
  EXPECT_EQ(counters_.get("weft.exchanges.abandoned").value(), 1u);
}

TEST_F(WaitingTest, OnlySoManyWait) {
  Call in = request();
  Call other = begin(Role::kServer, {.tid = 5, .xid = 6, .client_port = 1});
  for (uint64_t i = 1; i <= WatchedNodes::kMostWaiting; ++i) {
    Call out = begin(Role::kClient, {.xid = 100 + i, .task_xid = 7, .client_port = 2, .pos = i});
    end(out);
  }
  EXPECT_THAT(spans_.spans, IsEmpty());
  Call out = begin(Role::kClient, {.tid = 5, .xid = 8, .task_xid = 6, .client_port = 3});
  EXPECT_EQ(end(out)->parent, span_id_from(6));
  EXPECT_THAT(spans_.spans, SizeIs(1)) << "the others wait on";
  end(in);
  EXPECT_THAT(spans_.spans, SizeIs(2 + WatchedNodes::kMostWaiting));
  spans_.spans.clear();
  Call again = begin(Role::kServer, {.tid = 6, .xid = 7, .client_port = 4});
  Call below = begin(Role::kClient, {.tid = 6, .xid = 9, .task_xid = 7, .client_port = 5});
  end_quietly(below);
}

TEST_F(WaitingTest, AtTheEndNobodyWaits) {
  Call in = request();
  Call promised = begin(Role::kServer, {.tid = 5, .xid = 6, .client_port = 1});
  Call above = begin(Role::kClient, {.tid = 5, .xid = 4, .task_xid = 6, .client_port = 3});
  end(above);
  stitcher_.sweep(time_ + kPatience);
  EXPECT_THAT(take(), SizeIs(1));
  Call out = query();
  end_quietly(out);
  stitcher_.stop();
  const auto spans = take();
  ASSERT_THAT(spans, SizeIs(2));
  std::set<SpanId> ids;
  for (const SpanPtr& span : spans) {
    expect_root(span);
    ids.insert(span->id);
  }
  EXPECT_EQ(ids, (std::set{span_id_from(8), span_id_from(6)}));
  abandon(in);
  abandon(promised);
  EXPECT_THAT(spans_.spans, IsEmpty()) << "told already, or not at all";
}

TEST_F(WaitingTest, WhatIsSampledOtherwiseIsNoParent) {
  Call in = request();
  TraceContext unsampled = context(kTrace, kParent);
  unsampled.flags = 0;
  in.sink->head(in.handle, unsampled);
  Call out = query();
  out.sink->head(out.handle, context(kTrace, "00000000000000bb"));
  Call same = query(9);
  end_quietly(out);
  end_quietly(same);
  end(in);
  const auto spans = take();
  ASSERT_THAT(spans, SizeIs(3));
  expect_root(spans[1]);
  EXPECT_EQ(spans[2]->parent, span_id_from(7)) << "left out with it";
}

// Two networks with the same addresses: a request seems to be answered by its own child.
TEST_F(WaitingTest, NothingIsItsOwnAncestor) {
  Call in = begin(Role::kServer, {.xid = 7, .client_port = 6000, .pos = 77});
  Call out = begin(Role::kClient, {.xid = 8, .task_xid = 7, .client_port = 6000, .pos = 77});
  end_quietly(out);
  end(in);
  ASSERT_THAT(spans_.spans, SizeIs(2));
  expect_root(spans_.spans[0]);
  EXPECT_EQ(spans_.spans[1]->parent, spans_.spans[0]->id);
}

TEST_F(WaitingTest, AStoryWaitsAndWhatIsInsideNeedNot) {
  Call in = request();
  Story flush;
  flush.name = "flush";
  flush.by = {.tid = 100, .task_xid = 7, .pid = 100};
  flush.place = stitcher_.place(flush.by, 0, true);
  flush.inner.emplace_back().name = "sync";
  stitcher_.tell(std::move(flush));
  ASSERT_THAT(spans_.spans, SizeIs(1));
  EXPECT_EQ(spans_.spans[0]->name, "sync");
  abandon(in);
  ASSERT_THAT(spans_.spans, SizeIs(2));
  expect_root(spans_.spans[1]);
  EXPECT_EQ(spans_.spans[0]->parent, spans_.spans[1]->id);
  EXPECT_EQ(spans_.spans[0]->trace, spans_.spans[1]->trace);
  EXPECT_EQ(parents("none"), 0u) << "of requests only";
  EXPECT_EQ(emitted(), 2u);
}

TEST_F(WaitingTest, ALinkIsAPromise) {
  Call in = request();
  Story flush;
  flush.by = {.tid = 5, .pid = 100};
  flush.serves_all = true;
  flush.place = stitcher_.place(flush.by, 0, true);
  stitcher_.tell(std::move(flush));
  abandon(in);
  const auto spans = take();
  ASSERT_THAT(spans, SizeIs(2));
  ASSERT_THAT(spans[0]->links, SizeIs(1));
  EXPECT_EQ(spans[0]->links[0].span, spans[1]->id);
  EXPECT_EQ(spans[0]->links[0].trace, spans[1]->trace);
}

// Where the trace's id alone decides, parent and child are always sampled alike.
class ByTraceIdTest : public testing::StitchFixture {
 protected:
  ByTraceIdTest() : StitchFixture(without_700(), {.parent_based = false, .ratio = 1}) {}
};

TEST_F(ByTraceIdTest, FlagsDoNotCutATrace) {
  Call in = begin(Role::kServer, {.xid = 7});
  TraceContext unsampled = context(kTrace, kParent);
  unsampled.flags = 0;
  in.sink->head(in.handle, unsampled);
  Call out = begin(Role::kClient, {.xid = 8, .task_xid = 7, .client_port = 5008});
  out.sink->head(out.handle, context(kTrace, "00000000000000bb"));
  EXPECT_EQ(end(out)->parent, span_id_from(7));
}

// Only who listens on port 80 is traced: of a client that is not known before it asks.
class UndecidedTest : public testing::StitchFixture {
 protected:
  static TargetRules port_80() {
    TargetRules out;
    out.ports = {80};
    return out;
  }
  UndecidedTest() : StitchFixture(port_80()) { patient_ = true; }

  Call out_ = begin(Role::kClient, {.pid = 1, .tid = 1, .xid = 8, .client_port = 6000});
  Call in_ = begin(Role::kServer, {.pid = 2, .tid = 2, .xid = 9, .client_port = 6000});
};

TEST_F(UndecidedTest, TheServerWaitsAndIsARoot) {
  EXPECT_EQ(end(in_), nullptr);
  end(out_);
  ASSERT_THAT(spans_.spans, SizeIs(1));
  EXPECT_EQ(spans_.spans[0]->id, span_id_from(9));
  expect_root(spans_.spans[0]);
  EXPECT_EQ(counters_.get("weft.exchanges.unwanted").value(), 1u);
}

TEST_F(UndecidedTest, NobodyIsPromisedASpanOfIt) {
  EXPECT_EQ(end(in_), nullptr);
  stitcher_.sweep(time_ + kPatience);
  ASSERT_THAT(spans_.spans, SizeIs(1));
  expect_root(spans_.spans[0]);
  Call next = begin(Role::kServer, {.pid = 2, .tid = 2, .xid = 10, .client_port = 6000});
  expect_root(end(next));
  out_.sink->abandon(out_.handle);
  EXPECT_THAT(spans_.spans, SizeIs(2));
}

}  // namespace
}  // namespace weft

// SPDX-License-Identifier: Apache-2.0
// A named parent is always exported: spans wait for it or start a trace without it, and a promised
// span is emitted even if its exchange is lost.
#include "agent/stitch/waiting_fixture.h"

namespace weft {
namespace {

using testing::expect_root;
using testing::kParent;
using testing::kTrace;
using ::testing::SizeIs;
using testing::WaitingTest;

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
  const SpanPtr last = end(late);
  expect_root(last);
  EXPECT_NE(last->trace, take().at(0)->trace);
}

TEST_F(WaitingTest, ALostClientLeavesTheServerItsHeader) {
  Call out = begin(Role::kClient, {.pid = 1, .tid = 1, .exchange_id = 8, .client_port = 6000});
  out.sink->head(out.handle, context(kTrace, kParent));
  Call in = begin(Role::kServer, {.pid = 2, .tid = 2, .exchange_id = 9, .client_port = 6000});
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
  EXPECT_EQ(parents("connection"), 0u);
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
  Call out = begin(Role::kClient, {.pid = 1, .tid = 1, .exchange_id = 5, .client_port = 5000});
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
  Call out = begin(Role::kClient, {.pid = 700, .tid = 1, .exchange_id = 8, .client_port = 6000});
  Call in = begin(Role::kServer, {.pid = 2, .tid = 2, .exchange_id = 9, .client_port = 6000});
  const SpanPtr server = end(in);
  ASSERT_NE(server, nullptr) << "nothing to wait for";
  expect_root(server);
  end(out);
  EXPECT_THAT(take(), SizeIs(1));
}

TEST_F(WaitingTest, ALostClientIsNotJoinedLater) {
  Call out = begin(Role::kClient, {.pid = 1, .tid = 1, .exchange_id = 8, .client_port = 6000});
  abandon(out);
  Call in = begin(Role::kServer, {.pid = 2, .tid = 2, .exchange_id = 9, .client_port = 6000});
  expect_root(end(in));
}

TEST_F(WaitingTest, AChildThatBeginsBelowALostParentHasATraceOfItsOwn) {
  Call out = begin(Role::kClient, {.pid = 1, .tid = 1, .exchange_id = 8, .client_port = 6000});
  Call in = begin(Role::kServer, {.pid = 2, .tid = 2, .exchange_id = 9, .client_port = 6000});
  in.sink->head(in.handle, context(kTrace, kParent));
  abandon(out);
  const SpanPtr server = end(in);
  EXPECT_EQ(server->trace.hex(), kTrace);
  EXPECT_EQ(server->parent.hex(), kParent);
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
  ASSERT_THAT(spans, SizeIs(1)) << "what is not sampled is not built";
  expect_root(spans[0]);
  EXPECT_EQ(counters_.get("weft.spans.sampled_out").value(), 2u);
}

// Two networks with the same addresses: a request seems to be answered by its own child.
TEST_F(WaitingTest, NothingIsItsOwnAncestor) {
  Call in = begin(Role::kServer, {.exchange_id = 7, .client_port = 6000, .pos = 77});
  Call out = begin(Role::kClient,
                   {.exchange_id = 8, .current_exchange = 7, .client_port = 6000, .pos = 77});
  end_quietly(out);
  end(in);
  ASSERT_THAT(spans_.spans, SizeIs(2));
  expect_root(spans_.spans[0]);
  EXPECT_EQ(spans_.spans[1]->parent, spans_.spans[0]->id);
}

TEST_F(WaitingTest, ATreeWaitsAndWhatIsInsideNeedNot) {
  Call in = request();
  SpanTree flush;
  flush.name = "flush";
  flush.by = {.tid = 100, .current_exchange = 7, .pid = 100};
  flush.parent_ref = stitcher_.parent_ref(flush.by, 0, true);
  flush.children.emplace_back().name = "sync";
  stitcher_.emit(std::move(flush));
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

// If the trace id alone decides, parent and child are always sampled alike.
class ByTraceIdTest : public testing::StitchFixture {
 protected:
  ByTraceIdTest() : StitchFixture(without_700(), {.parent_based = false, .ratio = 1}) {}
};

TEST_F(ByTraceIdTest, FlagsDoNotCutATrace) {
  Call in = begin(Role::kServer, {.exchange_id = 7});
  TraceContext unsampled = context(kTrace, kParent);
  unsampled.flags = 0;
  in.sink->head(in.handle, unsampled);
  Call out = begin(Role::kClient, {.exchange_id = 8, .current_exchange = 7, .client_port = 5008});
  out.sink->head(out.handle, context(kTrace, "00000000000000bb"));
  EXPECT_EQ(end(out)->parent, span_id_from(7));
}

// Only processes that listen on port 80 are traced: undecided while a client has not yet listened.
class UndecidedTest : public testing::StitchFixture {
 protected:
  static TargetRules port_80() {
    TargetRules out;
    out.ports = {80};
    return out;
  }
  UndecidedTest() : StitchFixture(port_80()) { patient_ = true; }

  Call out_ = begin(Role::kClient, {.pid = 1, .tid = 1, .exchange_id = 8, .client_port = 6000});
  Call in_ = begin(Role::kServer, {.pid = 2, .tid = 2, .exchange_id = 9, .client_port = 6000});
};

TEST_F(UndecidedTest, TheServerWaitsAndIsARoot) {
  EXPECT_EQ(end(in_), nullptr);
  end(out_);
  ASSERT_THAT(spans_.spans, SizeIs(1));
  EXPECT_EQ(spans_.spans[0]->id, span_id_from(9));
  expect_root(spans_.spans[0]);
  EXPECT_EQ(counters_.get("weft.exchanges.unwanted").value(), 1u);
}

TEST_F(UndecidedTest, WhoListensInTheMeantimeIsToldOf) {
  SpanTree tree;
  tree.name = "flush";
  tree.by = {.tid = 5, .pid = 1};
  tree.parent_ref = stitcher_.parent_ref(tree.by, 0, true);
  starts_listening(1);
  end(out_);
  ASSERT_THAT(spans_.spans, SizeIs(1));
  EXPECT_EQ(spans_.spans[0]->id, span_id_from(8));
  stitcher_.emit(std::move(tree));
  EXPECT_THAT(spans_.spans, SizeIs(2));
}

TEST_F(UndecidedTest, NobodyIsPromisedASpanOfIt) {
  EXPECT_EQ(end(in_), nullptr);
  stitcher_.sweep(time_ + testing::kPatience);
  ASSERT_THAT(spans_.spans, SizeIs(1));
  expect_root(spans_.spans[0]);
  Call next = begin(Role::kServer, {.pid = 2, .tid = 2, .exchange_id = 10, .client_port = 6000});
  expect_root(end(next));
  out_.sink->abandon(out_.handle);
  EXPECT_THAT(spans_.spans, SizeIs(2));
}

}  // namespace
}  // namespace weft

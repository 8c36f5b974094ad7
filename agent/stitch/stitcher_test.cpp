// SPDX-License-Identifier: Apache-2.0
// Parents: every rule of tasks.h and stitcher.h, and every case without a parent.
#include "agent/stitch/stitch_fixture.h"

namespace weft {
namespace {

using StitcherTest = testing::StitchFixture;
using testing::kParent;
using testing::kTrace;
using testing::outcome;

TEST_F(StitcherTest, AThreadThatOwnsItsConnectionsIsTheParent) {
  Call in = begin(Role::kServer, {.exchange_id = 7});
  Call out = begin(Role::kClient, {.exchange_id = 8, .current_exchange = 7, .client_port = 5001});
  const SpanPtr client = end(out);
  const SpanPtr server = end(in);
  EXPECT_EQ(client->parent, server->id);
  EXPECT_EQ(client->trace, server->trace);
  EXPECT_EQ(how(client), "thread");
  EXPECT_FALSE(client->parent_is_remote);
  EXPECT_EQ(server->id, span_id_from(7));
  EXPECT_FALSE(server->parent.valid());
}

TEST_F(StitcherTest, AnotherThreadsRequestIsNotAParent) {
  Call in = begin(Role::kServer, {.tid = 1, .exchange_id = 7});
  Call out = begin(Role::kClient,
                   {.tid = 2, .exchange_id = 8, .current_exchange = 7, .client_port = 5001});
  EXPECT_FALSE(end(out)->parent.valid());
  end(in);
}

TEST_F(StitcherTest, TwoOpenRequestsOnAThreadGiveNoParent) {
  Call a = begin(Role::kServer, {.exchange_id = 7, .client_port = 1});
  Call b = begin(Role::kServer, {.exchange_id = 9, .client_port = 2});
  Call out = begin(Role::kClient, {.exchange_id = 8, .current_exchange = 9, .client_port = 5001});
  EXPECT_FALSE(end(out)->parent.valid());
}

TEST_F(StitcherTest, AnAnsweredRequestIsNoParent) {
  Call in = begin(Role::kServer, {.exchange_id = 7});
  end(in);
  Call out = begin(Role::kClient, {.exchange_id = 8, .current_exchange = 7, .client_port = 5001});
  EXPECT_FALSE(end(out)->parent.valid());
}

TEST_F(StitcherTest, AnEventLoopWithOneRequestIsCertainWithinOneRun) {
  Call in = begin(Role::kServer, {.pid = 800, .exchange_id = 7, .flags = WEFT_DATA_POLLED});
  Call out = begin(Role::kClient, {.pid = 800,
                                   .exchange_id = 8,
                                   .current_exchange = 7,
                                   .flags = WEFT_DATA_NO_SLEEP,
                                   .client_port = 5001});
  const SpanPtr client = end(out);
  EXPECT_EQ(client->parent, span_id_from(7));
  EXPECT_EQ(how(client), "event_loop");
}

TEST_F(StitcherTest, AnEventLoopWithWorkOfItsOwnIsNotCertain) {
  Call in = begin(Role::kServer, {.exchange_id = 7, .flags = WEFT_DATA_POLLED});
  Call out = begin(
      Role::kClient,
      {.exchange_id = 8, .current_exchange = 7, .flags = WEFT_DATA_NO_SLEEP, .client_port = 5001});
  EXPECT_FALSE(end(out)->parent.valid());
}

TEST_F(StitcherTest, AnEventLoopThatSleptIsNotCertain) {
  Call in = begin(Role::kServer, {.pid = 800, .exchange_id = 7, .flags = WEFT_DATA_POLLED});
  Call out = begin(Role::kClient,
                   {.pid = 800, .exchange_id = 8, .current_exchange = 7, .client_port = 5001});
  EXPECT_FALSE(end(out)->parent.valid());
}

TEST_F(StitcherTest, AnEventLoopWithTwoRequestsIsNotCertain) {
  const auto read = [&](uint32_t tid, uint64_t exchange_id) {
    return begin(Role::kServer, {.pid = 800,
                                 .tid = tid,
                                 .exchange_id = exchange_id,
                                 .flags = WEFT_DATA_POLLED,
                                 .client_port = static_cast<uint16_t>(exchange_id)});
  };
  const auto asked = [&](uint16_t port) {
    Call out = begin(Role::kClient, {.pid = 800,
                                     .tid = 1,
                                     .exchange_id = port,
                                     .current_exchange = 7,
                                     .flags = WEFT_DATA_NO_SLEEP,
                                     .client_port = port});
    return end(out);
  };
  Call a = read(1, 7);
  EXPECT_TRUE(asked(5001)->parent.valid());
  Call b = read(2, 9);
  EXPECT_FALSE(asked(5002)->parent.valid()) << "of another thread of the loop";
  end(b);
  EXPECT_TRUE(asked(5003)->parent.valid());
  Call c = read(1, 10);
  EXPECT_FALSE(asked(5004)->parent.valid()) << "of the same one";
}

TEST_F(StitcherTest, GoroutinesProveNothing) {
  Call in = begin(Role::kServer, {.pid = 900, .tid = 900, .exchange_id = 7});
  Call out = begin(Role::kClient, {.pid = 900,
                                   .tid = 900,
                                   .exchange_id = 8,
                                   .current_exchange = 7,
                                   .flags = WEFT_DATA_NO_SLEEP,
                                   .client_port = 5001});
  EXPECT_FALSE(end(out)->parent.valid());
}

TEST_F(StitcherTest, ATaskOfTheRuntimeIsCertainOnAnyThread) {
  Call one =
      begin(Role::kServer, {.pid = 900, .exchange_id = 7, .flags = WEFT_DATA_POLLED, .task = 0xa0});
  Call two = begin(
      Role::kServer,
      {.pid = 900, .exchange_id = 9, .flags = WEFT_DATA_POLLED, .client_port = 2, .task = 0xb0});
  Call out = begin(Role::kClient, {.pid = 900,
                                   .tid = 101,
                                   .exchange_id = 8,
                                   .current_exchange = 7,
                                   .client_port = 5001,
                                   .task = 0xc0});  // made by the first one
  const SpanPtr client = end(out);
  EXPECT_EQ(client->parent, span_id_from(7));
  EXPECT_EQ(how(client), "task");
  end(one);
  end(two);
}

TEST_F(StitcherTest, ATaskThatWorksOnNothingKnownHasNoParent) {
  Call in = begin(Role::kServer, {.exchange_id = 7, .task = 0xa0});
  Call idle = begin(Role::kClient, {.exchange_id = 8, .client_port = 5001, .task = 0xb0});
  EXPECT_FALSE(end(idle)->parent.valid());
  Call stranger = begin(
      Role::kClient,
      {.pid = 101, .exchange_id = 10, .current_exchange = 7, .client_port = 5002, .task = 0xa0});
  EXPECT_FALSE(end(stranger)->parent.valid()) << "another process";
  end(in);
  Call late = begin(Role::kClient,
                    {.exchange_id = 11, .current_exchange = 7, .client_port = 5003, .task = 0xa0});
  EXPECT_FALSE(end(late)->parent.valid()) << "answered already";
}

TEST_F(StitcherTest, AReceivedHeaderContinuesItsTrace) {
  Call in = begin(Role::kServer, {.exchange_id = 7});
  in.sink->head(in.handle, context(kTrace, kParent));
  const SpanPtr server = end(in);
  EXPECT_EQ(server->trace.hex(), kTrace);
  EXPECT_EQ(server->parent.hex(), kParent);
  EXPECT_EQ(server->trace_state, "a=1");
  EXPECT_EQ(how(server), "header");
  EXPECT_TRUE(server->parent_is_remote);
}

TEST_F(StitcherTest, AClientTakesTheIdItsApplicationAnnounced) {
  Call out = begin(Role::kClient, {.pid = 1, .tid = 1, .exchange_id = 8, .client_port = 6000});
  out.sink->head(out.handle, context(kTrace, kParent));
  Call in = begin(Role::kServer, {.pid = 2, .tid = 2, .exchange_id = 9, .client_port = 6000});
  in.sink->head(in.handle, context(kTrace, kParent));
  const SpanPtr server = end(in);
  const SpanPtr client = end(out);
  EXPECT_EQ(client->id.hex(), kParent);
  EXPECT_EQ(client->trace.hex(), kTrace);
  EXPECT_EQ(server->parent.hex(), kParent);
  EXPECT_EQ(server->trace.hex(), kTrace);
}

TEST_F(StitcherTest, AForwardedHeaderDoesNotTakeTheCallersId) {
  Call in = begin(Role::kServer, {.exchange_id = 7});
  in.sink->head(in.handle, context(kTrace, kParent));
  Call out = begin(Role::kClient, {.exchange_id = 8, .current_exchange = 7, .client_port = 5001});
  out.sink->head(out.handle, context(kTrace, kParent));
  const SpanPtr client = end(out);
  EXPECT_EQ(client->id, span_id_from(8));
  EXPECT_EQ(client->parent, span_id_from(7));
  EXPECT_EQ(client->trace.hex(), kTrace);
}

TEST_F(StitcherTest, AForwardedHeaderFindsTheRequestAnEventLoopWorksFor) {
  const uint8_t watched = WEFT_DATA_POLLED;
  Call a = begin(Role::kServer, {.exchange_id = 7, .flags = watched, .client_port = 1});
  a.sink->head(a.handle, context(kTrace, kParent));
  Call b = begin(Role::kServer, {.exchange_id = 9, .flags = watched, .client_port = 2});
  b.sink->head(b.handle, context("ffffffffffffffffffffffffffffffff", kParent));
  Call out = begin(Role::kClient, {.exchange_id = 8, .current_exchange = 9, .client_port = 5001});
  out.sink->head(out.handle, context(kTrace, kParent));
  const SpanPtr client = end(out);
  EXPECT_EQ(client->parent, span_id_from(7));
  EXPECT_EQ(how(client), "header");
}

TEST_F(StitcherTest, PipelinedRequestsHaveIdsOfTheirOwn) {
  Call first = begin(Role::kServer, {.exchange_id = 7});
  const ExchangeHandle second = first.sink->begin(
      {.stamp = {.time = ++time_, .tid = 100, .exchange_id = 7, .pid = 100}, .pos = 50});
  const SpanPtr one = end(first);
  first.sink->end(second, outcome(++time_));
  EXPECT_EQ(one->id, span_id_from(7));
  EXPECT_NE(spans_.spans.back()->id, one->id);
  EXPECT_NE(spans_.spans.back()->trace, one->trace);
}

TEST_F(StitcherTest, WithoutAnExchangeOfTheKernelsTheIdIsRandom) {
  Call first = begin(Role::kServer, {.exchange_id = 7});
  const ExchangeHandle second = first.sink->begin(
      {.stamp = {.time = ++time_, .tid = 100, .exchange_id = 0, .pid = 100}, .pos = 50});
  end(first);
  first.sink->end(second, outcome(++time_));
  EXPECT_TRUE(spans_.spans.back()->id.valid());
}

TEST_F(StitcherTest, HandlesOfNothingAreIgnored) {
  Call call = begin(Role::kServer, {.exchange_id = 7});
  const auto nothing = [&](ExchangeHandle handle) {
    call.sink->head(handle, context(kTrace, kParent));
    call.sink->goes_on(handle, {}, 1);
    call.sink->abandon(handle);
    call.sink->end(handle, outcome(++time_));
  };
  nothing(call.handle + 1);
  nothing(call.handle - 1);
  EXPECT_TRUE(spans_.spans.empty());
  EXPECT_FALSE(end(call)->parent.valid());
  nothing(call.handle);
  EXPECT_EQ(spans_.spans.size(), 1u);
  EXPECT_EQ(counters_.get("weft.exchanges.abandoned").value(), 0u);
}

TEST_F(StitcherTest, AHeadWithoutAContextChangesNothing) {
  for (const Role role : {Role::kServer, Role::kClient}) {
    Call call = begin(role, {.exchange_id = 7});
    call.sink->head(call.handle, std::nullopt);
    const SpanPtr span = end(call);
    EXPECT_EQ(span->id, span_id_from(7));
    EXPECT_FALSE(span->parent.valid());
    EXPECT_FALSE(span->parent_is_remote);
    EXPECT_EQ(how(span), "");
  }
}

TEST_F(StitcherTest, WhatAThreadSendsForAnotherExchangeHasNoParent) {
  Call in = begin(Role::kServer, {.exchange_id = 7});
  Call out = begin(Role::kClient, {.exchange_id = 8, .current_exchange = 9, .client_port = 5001});
  EXPECT_FALSE(end(out)->parent.valid());
  Call unknown = begin(Role::kServer, {.tid = 5, .client_port = 2});
  Call of_unknown = begin(Role::kClient, {.tid = 5, .exchange_id = 10, .client_port = 5002});
  EXPECT_FALSE(end(of_unknown)->parent.valid()) << "0 is none";
}

TEST_F(StitcherTest, WhoseTraceIsPassedOnIsTheParentIfThereIsOne) {
  const uint8_t watched = WEFT_DATA_POLLED;
  const auto read = [&](uint64_t exchange_id, const char* parent) {
    Call in =
        begin(Role::kServer,
              {.exchange_id = exchange_id, .flags = watched, .client_port = 1, .pos = exchange_id});
    in.sink->head(in.handle, context(kTrace, parent));
    return in;
  };
  const auto passed_on = [&](uint16_t port, const char* parent) {
    Call out = begin(Role::kClient, {.exchange_id = port, .client_port = port});
    out.sink->head(out.handle, context(kTrace, parent));
    return end(out)->parent;
  };
  Call a = read(7, kParent);
  EXPECT_EQ(passed_on(5001, "00000000000000bb"), span_id_from(7)) << "the only one of the trace";
  Call b = read(9, "00000000000000cc");
  EXPECT_EQ(passed_on(5002, kParent), span_id_from(7));
  EXPECT_EQ(passed_on(5003, "00000000000000cc"), span_id_from(9));
  EXPECT_FALSE(passed_on(5004, "00000000000000dd").valid());
}

TEST_F(StitcherTest, WhoWasTracedWhenItsRequestBeganIsToldOf) {
  Call in = begin(Role::kServer, {.exchange_id = 7});
  executes_another(100);
  EXPECT_NE(end(in), nullptr);
}

TEST_F(StitcherTest, TalliesAreOfLiveProcesses) {
  Call good = begin(Role::kServer, {.pid = 1, .exchange_id = 7});
  Call bad = begin(Role::kServer, {.pid = 1, .exchange_id = 8});
  end(good);
  Outcome failed = outcome(++time_);
  failed.error = true;
  bad.sink->end(bad.handle, std::move(failed));
  const auto& mine = stitcher_.tallies().of_processes().at(1).at("fake");
  EXPECT_EQ(mine.spans, 2u);
  EXPECT_EQ(mine.errors, 1u);
  stitcher_.forget_process(1);
  EXPECT_TRUE(stitcher_.tallies().of_processes().empty());
  EXPECT_EQ(stitcher_.tallies().totals().at("fake").spans, 2u);
}

TEST_F(StitcherTest, WhatIsAbandonedOrLeftOpenIsCountedAndNoSpan) {
  Call a = begin(Role::kServer, {.exchange_id = 7});
  a.sink->abandon(a.handle);
  { Call left_open = begin(Role::kServer, {.exchange_id = 9}); }
  EXPECT_TRUE(spans_.spans.empty());
  EXPECT_EQ(counters_.get("weft.exchanges.abandoned").value(), 2u);
}

TEST_F(StitcherTest, EventsAndAnUnseenOutcomeAreTheSpans) {
  Call call = begin(Role::kClient, {.exchange_id = 7});
  Outcome told = testing::outcome(++time_);
  told.events.push_back({time_, "db.prepare"});
  told.unseen = true;
  call.sink->end(call.handle, std::move(told));
  const Span& span = *spans_.spans.back();
  ASSERT_EQ(span.events.size(), 1u);
  EXPECT_EQ(span.events[0].name, "db.prepare");
  EXPECT_EQ(span.events[0].time, span.end);
  EXPECT_EQ(span.attributes.text(semconv::kWeftOutcome), "unknown");
  EXPECT_EQ(span.status, StatusCode::kUnset);
}

}  // namespace
}  // namespace weft

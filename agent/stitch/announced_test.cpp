// SPDX-License-Identifier: Apache-2.0
// Ids that applications announce in a traceparent: at most one span takes each.
#include <set>

#include "agent/stitch/seen_ids.h"
#include "agent/stitch/stitch_fixture.h"

namespace weft {
namespace {

using testing::kParent;
using testing::kTrace;

constexpr char kOther[] = "00000000000000bb";
constexpr char kOtherTrace[] = "fedcba9876543210fedcba9876543210";

class AnnouncedTest : public testing::StitchFixture {
 protected:
  Call announcing(const Where& where, const char* parent = kParent, const char* trace = kTrace) {
    Call call = begin(Role::kClient, where);
    call.sink->head(call.handle, context(trace, parent));
    return call;
  }
  Call receiving(const Where& where, const char* parent = kParent) {
    Call call = begin(Role::kServer, where);
    call.sink->head(call.handle, context(kTrace, parent));
    return call;
  }
  void expect_below_announced(const SpanPtr& span) {
    EXPECT_NE(span->id.hex(), kParent);
    EXPECT_EQ(span->parent.hex(), kParent);
    EXPECT_EQ(span->trace.hex(), kTrace);
    EXPECT_EQ(span->trace_state, "a=1");
    EXPECT_TRUE(span->parent_is_remote);
    EXPECT_EQ(how(span), "header");
  }
};

TEST_F(AnnouncedTest, TheFirstRequestTakesTheIdAndOthersAreBelowIt) {
  Call first = announcing({.exchange_id = 8, .client_port = 1});
  EXPECT_EQ(end(first)->id.hex(), kParent);
  for (const uint16_t port : {uint16_t{2}, uint16_t{3}}) {
    Call later = announcing({.exchange_id = port, .client_port = port});
    const SpanPtr span = end(later);
    expect_below_announced(span);
    EXPECT_EQ(span->id, span_id_from(port));
  }
}

TEST_F(AnnouncedTest, AtOnceAndInTwoProcesses) {
  Call a = announcing({.pid = 1, .tid = 1, .exchange_id = 8, .client_port = 1});
  Call b = announcing({.pid = 2, .tid = 2, .exchange_id = 9, .client_port = 2});
  expect_below_announced(end(b));
  EXPECT_EQ(end(a)->id.hex(), kParent);
}

TEST_F(AnnouncedTest, EveryServerHangsBelowItsOwnClient) {
  Call first = announcing({.pid = 1, .tid = 1, .exchange_id = 8, .client_port = 1});
  Call second = announcing({.pid = 1, .tid = 1, .exchange_id = 9, .client_port = 2});
  Call served = receiving({.pid = 2, .tid = 2, .exchange_id = 10, .client_port = 2});
  const SpanPtr server = end(served);
  EXPECT_EQ(server->parent, end(second)->id);
  EXPECT_EQ(server->trace.hex(), kTrace);
  EXPECT_EQ(end(first)->id.hex(), kParent);
}

TEST_F(AnnouncedTest, WithinARequestTheFirstHangsBelowIt) {
  Call in = receiving({.exchange_id = 7});
  Call first = announcing({.exchange_id = 8, .current_exchange = 7, .client_port = 1}, kOther);
  Call second = announcing({.exchange_id = 9, .current_exchange = 7, .client_port = 2}, kOther);
  const SpanPtr two = end(second);
  const SpanPtr one = end(first);
  const SpanPtr server = end(in);
  EXPECT_EQ(one->id.hex(), kOther);
  EXPECT_EQ(one->parent, server->id);
  EXPECT_EQ(how(one), "thread");
  EXPECT_EQ(two->id, span_id_from(9));
  EXPECT_EQ(two->parent.hex(), kOther);
  EXPECT_EQ(how(two), "header");
}

TEST_F(AnnouncedTest, AnotherTraceThanTheOneInHandIsBelieved) {
  Call in = receiving({.exchange_id = 7});
  Call without = begin(Role::kServer, {.tid = 5, .exchange_id = 6, .client_port = 2});
  Call out =
      announcing({.exchange_id = 8, .current_exchange = 7, .client_port = 1}, kOther, kOtherTrace);
  Call second = announcing({.tid = 5, .exchange_id = 9, .current_exchange = 6, .client_port = 3},
                           "00000000000000cc", kOtherTrace);
  const SpanPtr client = end(out);
  EXPECT_EQ(client->id.hex(), kOther);
  for (const SpanPtr& span : {client, end(second)}) {
    EXPECT_EQ(span->trace.hex(), kOtherTrace);
    EXPECT_FALSE(span->parent.valid());
    EXPECT_EQ(how(span), "");
  }
}

TEST_F(AnnouncedTest, TheTraceInHandMayBeKnownByTheOtherEndOnly) {
  Call caller = announcing({.pid = 1, .tid = 1, .exchange_id = 5, .client_port = 6000});
  Call in = begin(Role::kServer, {.exchange_id = 7, .client_port = 6000});
  Call out = announcing({.exchange_id = 8, .current_exchange = 7, .client_port = 1}, kOther);
  EXPECT_EQ(end(out)->parent, span_id_from(7));
}

TEST_F(AnnouncedTest, TheTraceInHandMayBeDecidedAlready) {
  Call in = receiving({.exchange_id = 7});
  Call early = begin(Role::kClient, {.exchange_id = 8, .current_exchange = 7, .client_port = 1});
  end(early);
  Call out = announcing({.exchange_id = 9, .current_exchange = 7, .client_port = 2}, kOther);
  EXPECT_EQ(end(out)->parent, span_id_from(7));
}

TEST_F(AnnouncedTest, WhatAnotherRequestReceivedIsPassedOnForThat) {
  Call in_hand = begin(Role::kServer, {.exchange_id = 7, .client_port = 1});
  in_hand.sink->head(in_hand.handle, context(kOtherTrace, kOther));
  Call other = receiving({.tid = 5, .exchange_id = 9, .client_port = 2});
  Call out = announcing({.exchange_id = 8, .current_exchange = 7, .client_port = 3});
  const SpanPtr client = end(out);
  EXPECT_EQ(client->parent, span_id_from(9));
  EXPECT_EQ(how(client), "header");
}

// Two open requests carry the same context: which of them the process is working for is unknown.
TEST_F(AnnouncedTest, WhatIsPassedOnKeepsItsOwner) {
  const uint8_t watched = WEFT_DATA_POLLED;
  Call a = receiving({.exchange_id = 7, .flags = watched, .client_port = 1});
  Call b = receiving({.exchange_id = 9, .flags = watched, .client_port = 2});
  Call out = announcing({.exchange_id = 8, .current_exchange = 9, .client_port = 5001});
  expect_below_announced(end(out));
  end(a);
  end(b);
}

TEST_F(AnnouncedTest, AlsoAfterTheRequestIsAnswered) {
  Call in = receiving({.exchange_id = 7});
  end(in);
  Call out = announcing({.exchange_id = 8, .client_port = 5001});
  expect_below_announced(end(out));
}

TEST_F(AnnouncedTest, WhatIsPassedOnOrContinuedDecidesNothingEarly) {
  Call in = receiving({.exchange_id = 7, .client_port = 6000});
  Call out = announcing({.exchange_id = 8, .current_exchange = 7, .client_port = 5001});
  Call another = announcing({.exchange_id = 9, .current_exchange = 7, .client_port = 5002}, kOther);
  Call caller = announcing({.pid = 1, .tid = 1, .exchange_id = 5, .client_port = 6000});
  const SpanPtr server = end(in);
  EXPECT_EQ(how(server), "connection") << "its client was heard of late";
  EXPECT_EQ(server->parent, end(caller)->id);
  end(out);
}

TEST_F(AnnouncedTest, WhoPassesAnIdOnDoesNotTakeItEarly) {
  Call in = receiving({.exchange_id = 7, .client_port = 6000});
  Call out = announcing({.exchange_id = 8, .current_exchange = 7, .client_port = 5001});
  end(out);
  Call caller = announcing({.pid = 1, .tid = 1, .exchange_id = 5, .client_port = 6001});
  EXPECT_EQ(end(caller)->id.hex(), kParent);
  end(in);
}

// A process that calls itself: the server side reads the head before the client side is reported.
TEST_F(AnnouncedTest, ARequestToItselfIsNotBelowItself) {
  const uint8_t watched = WEFT_DATA_POLLED;
  Call out = begin(Role::kClient, {.tid = 1, .exchange_id = 8, .client_port = 6000});
  Call in = receiving({.tid = 2, .exchange_id = 9, .flags = watched, .client_port = 6000});
  out.sink->head(out.handle, context(kTrace, kParent));
  expect_below_announced(end(out));
  EXPECT_EQ(end(in)->parent, span_id_from(8));
}

// The trace had to be decided before the request's head was complete.
class DecidedEarlyTest : public AnnouncedTest {
 protected:
  DecidedEarlyTest() {
    Call early = begin(Role::kClient, {.exchange_id = 6, .current_exchange = 7, .client_port = 1});
    decided_ = end(early)->trace;
    in_.sink->head(in_.handle, context(kTrace, kParent));
  }
  Call in_ = begin(Role::kServer, {.exchange_id = 7});
  TraceId decided_;
};

TEST_F(DecidedEarlyTest, WhatIsPassedOnIsOfTheTraceThatWasDecided) {
  Call out = announcing({.exchange_id = 8, .current_exchange = 7, .client_port = 2});
  const SpanPtr client = end(out);
  EXPECT_EQ(client->parent, span_id_from(7));
  EXPECT_EQ(client->trace, decided_);
}

TEST_F(DecidedEarlyTest, WhatGoesOnInTheTraceOfTheHeadIsOfAnother) {
  Call out = announcing({.exchange_id = 8, .current_exchange = 7, .client_port = 2}, kOther);
  const SpanPtr client = end(out);
  EXPECT_EQ(client->id.hex(), kOther);
  EXPECT_EQ(client->trace.hex(), kTrace);
  EXPECT_NE(client->parent, span_id_from(7));
}

TEST_F(AnnouncedTest, TheParentIsOfTheSameTrace) {
  Call in = receiving({.exchange_id = 7});
  Call out =
      announcing({.exchange_id = 8, .current_exchange = 7, .client_port = 1}, kParent, kOtherTrace);
  EXPECT_FALSE(end(out)->parent.valid()) << "though the span has the same id";
}

TEST_F(AnnouncedTest, AProcessThatIsNotTracedTakesNoId) {
  Call untraced = announcing({.pid = 700, .tid = 7, .exchange_id = 5, .client_port = 1});
  Call traced = announcing({.pid = 1, .tid = 1, .exchange_id = 6, .client_port = 2});
  EXPECT_EQ(end(traced)->id.hex(), kParent);
}

TEST_F(AnnouncedTest, OneHeadIsHeard) {
  Call in = receiving({.exchange_id = 7});
  in.sink->head(in.handle, context(kOtherTrace, kOther));
  EXPECT_EQ(end(in)->trace.hex(), kTrace);
}

TEST_F(AnnouncedTest, AnIdThatWasToldIsKept) {
  Call out = begin(Role::kClient, {.pid = 1, .tid = 1, .exchange_id = 8, .client_port = 6000});
  Call in = begin(Role::kServer, {.pid = 2, .tid = 2, .exchange_id = 9, .client_port = 6000});
  const SpanPtr server = end(in);  // an early answer, before the head was complete
  out.sink->head(out.handle, context(kTrace, kParent));
  const SpanPtr client = end(out);
  EXPECT_EQ(server->parent, client->id);
  EXPECT_EQ(server->trace, client->trace);
}

TEST(SeenIdsTest, AnIdIsNewOnce) {
  SeenIds ids;
  EXPECT_TRUE(ids.insert(span_id_from(1)));
  EXPECT_TRUE(ids.insert(span_id_from(uint64_t{1} << 63)));
  EXPECT_FALSE(ids.insert(span_id_from(1)));
  EXPECT_FALSE(ids.insert(span_id_from(uint64_t{1} << 63)));
}

TEST(SeenIdsTest, WhatIsUsedAgainIsKeptAndTheRestForgottenInTime) {
  SeenIds ids;
  const SpanId used = span_id_from(UINT64_MAX);
  const SpanId unused = span_id_from(UINT64_MAX - 1);
  EXPECT_TRUE(ids.insert(used));
  EXPECT_TRUE(ids.insert(unused));
  for (uint64_t other = 1; other <= 4 * SeenIds::kKept; ++other) {
    EXPECT_TRUE(ids.insert(span_id_from(other)));
    if (other % (SeenIds::kKept / 2) == 0) {
      EXPECT_FALSE(ids.insert(used)) << other;
    }
    if (other == SeenIds::kKept - 2) {
      EXPECT_FALSE(ids.insert(span_id_from(1)));
    }
  }
  EXPECT_TRUE(ids.insert(unused));
  EXPECT_TRUE(ids.insert(span_id_from(1)));
}

}  // namespace
}  // namespace weft

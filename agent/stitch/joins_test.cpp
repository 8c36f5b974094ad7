// SPDX-License-Identifier: Apache-2.0
// Both ends of a connection are seen: when the client is the server's parent, and when not.
#include "agent/stitch/stitch_fixture.h"

namespace weft {
namespace {

using JoinsTest = testing::StitchFixture;
using testing::kParent;
using testing::kTrace;
using testing::outcome;

TEST_F(JoinsTest, BothEndsOfAConnectionJoinByPosition) {
  Call out =
      begin(Role::kClient, {.pid = 1, .tid = 1, .exchange_id = 8, .client_port = 6000, .pos = 77});
  Call in =
      begin(Role::kServer, {.pid = 2, .tid = 2, .exchange_id = 9, .client_port = 6000, .pos = 77});
  const SpanPtr server = end(in);
  const SpanPtr client = end(out);
  EXPECT_EQ(server->parent, client->id);
  EXPECT_EQ(server->trace, client->trace);
  EXPECT_EQ(how(server), "connection");
  EXPECT_TRUE(server->parent_is_remote);
}

TEST_F(JoinsTest, TheSamePortsAtAnotherPositionDoNotJoin) {
  Call out =
      begin(Role::kClient, {.pid = 1, .tid = 1, .exchange_id = 8, .client_port = 6000, .pos = 77});
  Call in =
      begin(Role::kServer, {.pid = 2, .tid = 2, .exchange_id = 9, .client_port = 6000, .pos = 78});
  EXPECT_FALSE(end(in)->parent.valid());
}

TEST_F(JoinsTest, AClientSeenAfterItsServerStillJoins) {
  Call in =
      begin(Role::kServer, {.pid = 2, .tid = 2, .exchange_id = 9, .client_port = 6000, .pos = 77});
  Call out =
      begin(Role::kClient, {.pid = 1, .tid = 1, .exchange_id = 8, .client_port = 6000, .pos = 77});
  EXPECT_EQ(end(in)->parent, span_id_from(8));
  end(out);
}

// Where a send is seen only when it is over.
TEST_F(JoinsTest, AClientSeenAfterItsServersAnswerStillJoins) {
  const Call at_server{begin(Role::kServer, {.pid = 2, .exchange_id = 9, .pos = 7, .inode = 5})};
  at_server.sink->end(at_server.handle, outcome(++time_));
  EXPECT_TRUE(spans_.spans.empty()) << "its client may still be seen";
  --time_;  // the send was over before the answer was
  Call out = begin(Role::kClient, {.pid = 1, .exchange_id = 8, .pos = 7, .inode = 5});
  promise_all();
  ASSERT_EQ(spans_.spans.size(), 1u);
  EXPECT_EQ(spans_.spans[0]->parent, span_id_from(8));
  EXPECT_EQ(how(spans_.spans[0]), "connection");
  end(out);
}

TEST_F(JoinsTest, AServerWhoseClientIsNotSeenWaitsAMomentOnly) {
  const Call in{begin(Role::kServer, {.pid = 2, .exchange_id = 9, .pos = 7, .inode = 5})};
  in.sink->end(in.handle, outcome(++time_));
  EXPECT_TRUE(spans_.spans.empty());
  stitcher_.sweep(time_ + 11'000'000);
  ASSERT_EQ(spans_.spans.size(), 1u);
  EXPECT_FALSE(spans_.spans[0]->parent.valid());
}

TEST_F(JoinsTest, AClientThatIsFoundStaysTheParent) {
  Call first = begin(Role::kClient, {.pid = 1, .tid = 1, .exchange_id = 8, .client_port = 6000});
  Call in = begin(Role::kServer, {.pid = 2, .tid = 2, .exchange_id = 9, .client_port = 6000});
  Call later = begin(Role::kClient, {.pid = 1, .tid = 1, .exchange_id = 10, .client_port = 6000});
  EXPECT_EQ(end(in)->parent, span_id_from(8));
}

TEST_F(JoinsTest, AClientIsJoinedByOneServer) {
  Call out = begin(Role::kClient, {.pid = 1, .tid = 1, .exchange_id = 8, .client_port = 6000});
  Call in = begin(Role::kServer, {.pid = 2, .tid = 2, .exchange_id = 9, .client_port = 6000});
  end(in);
  end(out);
  Call again = begin(Role::kServer, {.pid = 2, .tid = 2, .exchange_id = 10, .client_port = 6000});
  EXPECT_FALSE(end(again)->parent.valid());
}

TEST_F(JoinsTest, AServerMayReadWhatItsClientHasGivenUp) {
  Call out = begin(Role::kClient, {.pid = 1, .tid = 1, .exchange_id = 8, .client_port = 6000});
  end(out);
  Call in = begin(Role::kServer, {.pid = 2, .tid = 2, .exchange_id = 9, .client_port = 6000});
  EXPECT_EQ(end(in)->parent, span_id_from(8));
}

TEST_F(JoinsTest, AClientIsNoClientsServer) {
  Call out =
      begin(Role::kClient, {.pid = 1, .tid = 1, .exchange_id = 8, .client_port = 80, .pos = 77});
  Call other =
      begin(Role::kClient, {.pid = 2, .tid = 2, .exchange_id = 9, .client_port = 1, .pos = 77});
  EXPECT_FALSE(end(other)->parent.valid());
}

// An unseen process between the two has started a trace, or sent another request.
TEST_F(JoinsTest, AHeaderOfAnotherTraceThanTheClientsIsBelieved) {
  Call out = begin(Role::kClient, {.pid = 1, .tid = 1, .exchange_id = 8, .client_port = 6000});
  Call in = begin(Role::kServer, {.pid = 2, .tid = 2, .exchange_id = 9, .client_port = 6000});
  in.sink->head(in.handle, context(kTrace, kParent));
  const SpanPtr server = end(in);
  EXPECT_EQ(server->trace.hex(), kTrace);
  EXPECT_EQ(server->parent.hex(), kParent);
  EXPECT_EQ(how(server), "header");
  EXPECT_NE(end(out)->trace, server->trace);
}

}  // namespace
}  // namespace weft

// SPDX-License-Identifier: Apache-2.0
#include "agent/stitch/peers.h"

#include <gtest/gtest.h>

namespace weft {
namespace {

class PeersTest : public ::testing::Test {
 protected:
  static NodePtr node(uint16_t family, uint64_t inode, uint64_t pos, uint64_t time) {
    ConnectionInfo info;
    info.family = family;
    info.local = info.remote = {.address = {127, 0, 0, 1}, .port = 5000};
    info.inode = info.peer_inode = inode;
    auto made = NodePtr::make();
    made->connection = std::make_shared<const ConnectionInfo>(info);
    made->start.pos = pos;
    made->start.stamp.time = time;
    return made;
  }
  static NodePtr tcp(uint64_t pos) { return node(WEFT_FAMILY_IPV4, 0, pos, 1); }
  static NodePtr local(uint64_t pos, uint64_t time = 1, uint64_t inode = 7) {
    return node(WEFT_FAMILY_UNIX, inode, pos, time);
  }
  static NodePtr above(const NodePtr& below, bool late = false) {
    ConnectionInfo info = *below->connection;
    info.transport = 1;
    info.late = late;
    below->connection = std::make_shared<const ConnectionInfo>(info);
    return below;
  }
  NodePtr sent(NodePtr client) {
    peers_.add(client);
    sent_.push_back(client);
    return client;
  }
  ~PeersTest() override {
    for (const NodePtr& client : sent_) peers_.forget(client);
  }
  Peers peers_;
  std::vector<NodePtr> sent_;
};

TEST_F(PeersTest, AClaimedClientIsForgottenAtItsEnd) {
  const NodePtr client = sent(tcp(9));
  EXPECT_EQ(peers_.claim(*tcp(8)), nullptr);
  EXPECT_EQ(peers_.claim(*tcp(9)), client);
  EXPECT_EQ(peers_.claim(*tcp(9 + (uint64_t{1} << 32))), client) << "sequence numbers wrap";
  peers_.ended(client);
  EXPECT_EQ(peers_.size(), 0u);
  EXPECT_EQ(peers_.claim(*tcp(9)), nullptr);
}

TEST_F(PeersTest, ALayerIsJoinedWithTheSameLayerOnly) {
  const NodePtr below = sent(tcp(9));
  const NodePtr plain = sent(above(tcp(9)));
  EXPECT_EQ(peers_.claim(*above(tcp(9))), plain);
  EXPECT_EQ(peers_.claim(*tcp(9)), below);
  EXPECT_EQ(peers_.claim(*above(tcp(9 + (uint64_t{1} << 32)))), nullptr) << "no sequence number";
  const NodePtr unix_plain = sent(above(local(3)));
  EXPECT_EQ(peers_.claim(*above(local(3, 2))), unix_plain);
  EXPECT_EQ(peers_.claim(*local(3, 2)), nullptr);
}

TEST_F(PeersTest, ALayerWhoseBeginningNobodySawIsNotJoined) {
  const NodePtr late = sent(above(tcp(9), true));
  EXPECT_EQ(peers_.size(), 0u);
  EXPECT_EQ(peers_.claim(*above(tcp(9))), nullptr);
  const NodePtr whole = sent(above(tcp(9)));
  EXPECT_EQ(peers_.claim(*above(tcp(9), true)), nullptr);
}

TEST_F(PeersTest, AnUnclaimedOneIsKeptForAWhile) {
  const NodePtr early = sent(tcp(0));
  const NodePtr open = sent(tcp(UINT32_MAX));
  peers_.ended(early);
  for (uint64_t pos = 1; pos < Peers::kLinger; ++pos) peers_.ended(sent(tcp(pos)));
  EXPECT_EQ(peers_.size(), Peers::kLinger + 1);
  EXPECT_EQ(peers_.claim(*tcp(0)), early);
  peers_.ended(sent(tcp(Peers::kLinger)));
  EXPECT_EQ(peers_.claim(*tcp(0)), nullptr);
  EXPECT_NE(peers_.claim(*tcp(1)), nullptr);
  EXPECT_EQ(peers_.claim(*tcp(UINT32_MAX)), open);
}

TEST_F(PeersTest, TheNextOfThePlaceIsNotForgotten) {
  const NodePtr early = sent(tcp(9));
  const NodePtr late = sent(tcp(9));
  peers_.forget(early);
  EXPECT_EQ(peers_.claim(*tcp(9)), late);
}

TEST_F(PeersTest, UnixSocketsJoinByPosition) {
  const NodePtr first = sent(local(1));
  const NodePtr second = sent(local(5));
  sent(local(9, 1, /*inode=*/8));
  EXPECT_EQ(peers_.claim(*local(5)), second);
  EXPECT_EQ(peers_.claim(*local(1)), first);
  EXPECT_EQ(peers_.claim(*local(9)), nullptr) << "another socket's";
}

TEST_F(PeersTest, UnixSocketsJoinWhatIsAloneOnItsWay) {
  const NodePtr first = sent(local(1, 10));
  EXPECT_EQ(peers_.claim(*local(99, 9)), nullptr) << "not sent yet";
  EXPECT_EQ(peers_.claim(*local(99, 10)), first);
  const NodePtr second = sent(local(5, 20));
  EXPECT_EQ(peers_.claim(*local(99, 19)), first) << "the second is not sent yet";
  EXPECT_EQ(peers_.claim(*local(99, 20)), nullptr);
  peers_.ended(first);
  EXPECT_EQ(peers_.claim(*local(99, 20)), second);
}

TEST_F(PeersTest, UnixSocketsDoNotJoinOthers) {
  sent(tcp(1));
  EXPECT_EQ(peers_.claim(*local(99, 10, /*inode=*/0)), nullptr);
}

TEST_F(PeersTest, APositionOfLaterIsNotMeant) {
  const NodePtr client = sent(local(5, 20));
  EXPECT_EQ(peers_.claim(*local(5, 19)), nullptr);
  EXPECT_EQ(peers_.claim(*local(5, 20)), client);
}

TEST_F(PeersTest, WhatEndedUnclaimedIsFoundByPositionOnly) {
  const NodePtr client = sent(local(5));
  peers_.ended(client);
  EXPECT_EQ(peers_.claim(*local(99)), nullptr);
  EXPECT_EQ(peers_.claim(*local(5)), client);
}

}  // namespace
}  // namespace weft

// SPDX-License-Identifier: Apache-2.0
// From the frames of a connection to spans: several requests open at once, messages, and another
// protocol that goes on.
#include <gmock/gmock.h>

#include "agent/stitch/stitch_fixture.h"
#include "tests/support/framed_protocol.h"

namespace weft {

std::span<const Protocol> protocols() {
  static const Protocol kRows[] = {test::kFramed, test::kLines};
  return kRows;
}

namespace testing {
namespace {

using test::frame;
using ::testing::ElementsAre;

class MessagesTest : public StitchFixture {
 protected:
  void connect(Role role) {
    ConnectionInfo info;
    info.family = WEFT_FAMILY_IPV4;
    info.role = role;
    info.protocol = protocol_with("framed");
    info.remote = {.address = {10, 0, 0, 1}, .port = 5672};
    info.remote_address = info.remote.text();
    const auto shared = std::make_shared<const ConnectionInfo>(info);
    connection_ = std::make_unique<Connection>(shared, sessions_, stitcher_.open(shared), time_,
                                               /*opener=*/100);
  }
  void move(uint8_t dir, uint64_t exchange_id, std::string_view bytes) {
    weft_ev_data data{};
    data.h.time = ++time_;
    data.h.pid = data.h.tid = 100;
    data.exchange_id = exchange_id;
    data.pos = at_[dir];
    data.len = data.captured = static_cast<uint32_t>(bytes.size());
    data.dir = dir;
    at_[dir] += bytes.size();
    connection_->on_data(data, bytes);
  }
  std::vector<std::string> names() const {
    std::vector<std::string> out;
    out.reserve(spans_.spans.size());
    for (const SpanPtr& span : spans_.spans) out.push_back(span->name);
    return out;
  }

  std::unique_ptr<Connection> connection_;

 private:
  const SessionFactory sessions_{{}};
  uint64_t at_[2] = {0, 0};
};

TEST_F(MessagesTest, TheKernelsIdIsTheFirstRequestsOfItsExchange) {
  connect(Role::kServer);
  move(WEFT_DIR_RX, 7, frame('Q', 1, "one") + frame('Q', 2, "two"));
  move(WEFT_DIR_RX, 8, frame('Q', 3, "three"));
  move(WEFT_DIR_TX, 8, frame('A', 3) + frame('A', 2) + frame('A', 1));
  EXPECT_THAT(names(), ElementsAre("three", "two", "one"));
  EXPECT_EQ(spans_.spans[0]->id, span_id_from(8));
  EXPECT_EQ(spans_.spans[2]->id, span_id_from(7));
  EXPECT_NE(spans_.spans[1]->id, span_id_from(7));
  for (const SpanPtr& span : spans_.spans) EXPECT_EQ(span->kind, SpanKind::kServer);
}

TEST_F(MessagesTest, MessagesHaveTheirKindAndLinks) {
  connect(Role::kClient);
  move(WEFT_DIR_TX, 7, frame('P', 0, "orders"));
  move(WEFT_DIR_RX, 7,
       frame('D', 0, "00-0123456789abcdef0123456789abcdef-00000000000000aa-01") + frame('D', 0));
  ASSERT_THAT(names(), ElementsAre("orders", "deliver", "deliver"));
  EXPECT_EQ(spans_.spans[0]->kind, SpanKind::kProducer);
  EXPECT_EQ(spans_.spans[1]->kind, SpanKind::kConsumer);
  ASSERT_EQ(spans_.spans[1]->links.size(), 1u);
  EXPECT_EQ(spans_.spans[1]->links[0].trace.hex(), kTrace);
  EXPECT_EQ(spans_.spans[1]->links[0].span.hex(), kParent);
  EXPECT_TRUE(spans_.spans[2]->links.empty());
}

// A kind is what is exported; what an exchange is for its parents, its role says.
TEST_F(MessagesTest, AProducerHasTheParentOfAClient) {
  Call server = begin(Role::kServer, {.exchange_id = 7});
  for (const std::optional<SpanKind> kind :
       {std::optional<SpanKind>(), std::optional(SpanKind::kProducer),
        std::optional(SpanKind::kInternal)}) {
    Call client = begin(Role::kClient, {.exchange_id = 8, .current_exchange = 7});
    Outcome o = outcome(++time_);
    o.kind = kind;
    client.sink->end(client.handle, std::move(o));
  }
  end(server);
  ASSERT_EQ(spans_.spans.size(), 4u);
  const auto is_child = [&](const SpanPtr& span) { return span->parent == span_id_from(7); };
  EXPECT_EQ(std::ranges::count_if(spans_.spans, is_child), 3);
  EXPECT_EQ(counters_.get("weft.spans.parents", {{"how", "thread"}}).value(), 3u);
}

TEST_F(MessagesTest, WhatGoesOnIsCountedForItsOwnProtocol) {
  connect(Role::kServer);
  move(WEFT_DIR_RX, 7, frame('Q', 1, "one") + frame('U', 0));
  move(WEFT_DIR_TX, 7, frame('A', 1) + frame('U', 0));
  move(WEFT_DIR_RX, 7, "two\n");
  move(WEFT_DIR_TX, 7, "yes\n");
  ASSERT_THAT(names(), ElementsAre("one", "two"));
  EXPECT_NE(spans_.spans[1]->id, spans_.spans[0]->id) << "the kernel's id serves one request";
  EXPECT_EQ(stitcher_.tallies().totals().at("framed").spans, 1u);
  EXPECT_EQ(stitcher_.tallies().totals().at("lines").spans, 1u);
}

}  // namespace
}  // namespace testing
}  // namespace weft

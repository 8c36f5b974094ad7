// SPDX-License-Identifier: Apache-2.0
// To which of the requests a thread has read an engine's span tree belongs.
#include "agent/stitch/span_trees_fixture.h"

namespace weft {
namespace {

using testing::SpanTreesTest;

// Several requests of one connection before the first response.
class BatchTest : public SpanTreesTest {
 protected:
  ExchangeHandle request(uint32_t batch, uint64_t statement) {
    return in_.sink->begin({.stamp = {.time = ++time_, .tid = 100, .exchange_id = 7, .pid = 100},
                            .pos = ++pos_,
                            .batch = batch,
                            .statement = statement});
  }
  SpanPtr answer(ExchangeHandle request) {
    in_.sink->end(request, testing::outcome(++time_));
    return spans_.spans.back();
  }
  uint64_t pos_ = 100;
  Call in_ = begin(Role::kServer, {.exchange_id = 7, .batch = 1, .statement = 11});
};

TEST_F(BatchTest, TheStatementSaysWhich) {
  const ExchangeHandle second = request(1, 12);
  const SpanPtr of_first = told_by(by(7), 11);
  const SpanPtr unknown = told_by(by(7), 99);
  const SpanPtr unnamed = told_by(by(7));
  const SpanPtr one = end(in_);
  const SpanPtr two = answer(second);
  ASSERT_NE(one->id, two->id);
  EXPECT_EQ(of_first->parent, one->id);
  EXPECT_EQ(unknown->parent, two->id) << "at the end of a batch the server commits";
  EXPECT_EQ(unnamed->parent, two->id);
}

TEST_F(BatchTest, WithoutAStatementItIsTheLast) {
  const ExchangeHandle second = request(1, 0);
  const ExchangeHandle third = request(1, 0);
  const SpanPtr span = told_by(by(7));
  answer(second);
  EXPECT_EQ(span->parent, answer(third)->id);
}

TEST_F(BatchTest, TheNextIsNotBegun) {
  const ExchangeHandle next = request(2, 12);
  const SpanPtr span = told_by(by(7), 12);
  EXPECT_EQ(span->parent, end(in_)->id);
  const SpanPtr later = told_by(by(7), 12);
  EXPECT_EQ(later->parent, answer(next)->id);
  EXPECT_NE(later->parent, span->parent);
}

// Parsed in one round trip, executed together with others in a later one.
TEST_F(BatchTest, ARequestGoesOnInALaterExchange) {
  in_.sink->goes_on(in_.handle, {.time = ++time_, .tid = 100, .exchange_id = 8, .pid = 100}, 2);
  const ExchangeHandle next =
      in_.sink->begin({.stamp = {.time = ++time_, .tid = 100, .exchange_id = 8, .pid = 100},
                       .pos = ++pos_,
                       .batch = 2,
                       .statement = 12});
  const SpanPtr of_first = told_by(by(8), 11);
  const SpanPtr of_next = told_by(by(8), 12);
  EXPECT_EQ(of_first->parent, end(in_)->id);
  EXPECT_EQ(of_next->parent, answer(next)->id);
}

}  // namespace
}  // namespace weft

// SPDX-License-Identifier: Apache-2.0
#include "agent/exchange/fifo.h"

#include <gtest/gtest.h>
#include <string>

namespace weft {
namespace {

TEST(Fifo, AnswersComeInTheOrderOfTheRequests) {
  Fifo<std::string> fifo(4);
  EXPECT_TRUE(fifo.empty());
  EXPECT_EQ(fifo.front(), nullptr);
  fifo.push("a");
  fifo.push("b");
  EXPECT_EQ(fifo.owed(), 2u);
  EXPECT_EQ(*fifo.front(), "a");
  EXPECT_EQ(*fifo.back(), "b");
  fifo.pop();
  EXPECT_EQ(*fifo.front(), "b");
  fifo.pop();
  EXPECT_TRUE(fifo.empty());
}

TEST(Fifo, ATicketFindsItsRequestUntilItIsPopped) {
  Fifo<std::string> fifo(4);
  const auto a = fifo.push("a");
  const auto b = fifo.push("b");
  EXPECT_EQ(*fifo.find(a), "a");
  EXPECT_EQ(*fifo.find(b), "b");
  fifo.pop();
  EXPECT_EQ(fifo.find(a), nullptr);
  EXPECT_EQ(*fifo.find(b), "b");
  fifo.pop();
  EXPECT_EQ(fifo.find(b), nullptr);
  EXPECT_EQ(fifo.find(0), nullptr);
  const auto c = fifo.push("c");
  EXPECT_EQ(*fifo.find(c), "c");
  EXPECT_EQ(fifo.find(b), nullptr);
  EXPECT_EQ(fifo.find(c + 1), nullptr);
}

TEST(Fifo, BeyondTheLimitThePlaceIsKeptAndTheRequestIsNot) {
  Fifo<int> fifo(2);
  fifo.push(1);
  fifo.push(2);
  EXPECT_EQ(fifo.push(3), 0u);
  EXPECT_EQ(fifo.owed(), 3u);
  EXPECT_EQ(fifo.back(), nullptr);
  fifo.pop();
  EXPECT_EQ(fifo.push(4), 0u) << "there is room, but 3 is still to be answered before 4";
  fifo.pop();
  EXPECT_EQ(fifo.front(), nullptr) << "the response to 3 belongs to nobody";
  EXPECT_EQ(fifo.owed(), 2u);
  fifo.pop();
  fifo.pop();
  EXPECT_TRUE(fifo.empty());
  EXPECT_NE(fifo.push(5), 0u);
  EXPECT_EQ(*fifo.front(), 5);
}

TEST(Fifo, StaysSmallWhenItNeverRunsEmpty) {
  Fifo<int> fifo(8);
  Fifo<int>::Ticket last = fifo.push(0);
  for (int i = 1; i < 10000; ++i) {
    last = fifo.push(int{i});
    ASSERT_NE(last, 0u);
    ASSERT_EQ(*fifo.front(), i - 1);
    fifo.pop();
    ASSERT_EQ(*fifo.find(last), i);
  }
  EXPECT_EQ(fifo.owed(), 1u);
}

}  // namespace
}  // namespace weft

// SPDX-License-Identifier: Apache-2.0
// The tables of open requests alone: what they do not contain, and their order.
#include "agent/stitch/tasks.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "agent/stitch/waiting.h"

namespace weft {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(TasksTest, ARequestThatIsNotOpenStaysUnknown) {
  Tasks tasks({});
  auto node = NodePtr::make();
  node->start.stamp = {.tid = 5, .exchange_id = 7, .pid = 4};
  node->received = TraceContext{TraceId::random(), SpanId::random(), kFlagSampled, ""};
  tasks.heard(*node);
  tasks.goes_on(*node, {.tid = 5, .exchange_id = 8, .pid = 4}, 1);
  EXPECT_FALSE(tasks.received(4, *node->received));
  EXPECT_EQ(tasks.executing({.tid = 5, .current_exchange = 8, .pid = 4}, 0), nullptr);
}

std::string next_of(WaitingSpans& waiting) {
  const BuiltSpanPtr span = waiting.pop();
  return span ? span->name : "none";
}

TEST(WaitingSpansTest, TheOldestLeavesFirstWheneverTheOthersCame) {
  WaitingSpans waiting;
  const auto add = [&](const char* name) {
    auto span = std::make_shared<BuiltSpan>();
    span->name = name;
    waiting.push(std::move(span));
  };
  add("a");
  add("b");
  EXPECT_EQ(next_of(waiting), "a");
  add("c");
  EXPECT_EQ(next_of(waiting), "b");
  EXPECT_EQ(next_of(waiting), "c");
  EXPECT_EQ(next_of(waiting), "none");
  add("d");
  EXPECT_EQ(next_of(waiting), "d");
}

// Each span owns the next: destroying the list must not recurse.
TEST(WaitingSpansTest, HoweverManyWaitTheStackIsEnough) {
  WaitingSpans waiting;
  for (int i = 0; i < 200'000; ++i) waiting.push(std::make_shared<BuiltSpan>());
}

TEST(WatchedNodesTest, DueIsWhoseFateIsOpen) {
  WatchedNodes watched;
  Node open;
  Node promised;
  promised.fate = Fate::kPromised;
  watched.add(open, 100);
  watched.add(promised, 100);
  EXPECT_THAT(watched.due(99), IsEmpty()) << "clocks of two threads differ";
  EXPECT_THAT(watched.due(100 + WatchedNodes::kPatience), ElementsAre(&open));
}

}  // namespace
}  // namespace weft

// SPDX-License-Identifier: Apache-2.0
#include "agent/exchange/keyed.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <map>
#include <random>
#include <string>
#include <vector>

namespace weft {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class KeyedTest : public testing::Test {
 protected:
  void push(int key, std::string request) {
    keyed_.push(key, std::move(request), [&](std::string& lost) { dropped_.push_back(lost); });
  }
  std::string take(int key) { return keyed_.take(key).value_or("none"); }
  std::vector<std::string> kept() {
    std::vector<std::string> out;
    keyed_.each([&](const std::string& request) { out.push_back(request); });
    return out;
  }

  Keyed<int, std::string> keyed_{3};
  std::vector<std::string> dropped_;
};

TEST_F(KeyedTest, AnswersComeInAnyOrder) {
  push(1, "a");
  push(2, "b");
  push(3, "c");
  EXPECT_EQ(*keyed_.find(2), "b");
  EXPECT_EQ(take(3), "c");
  EXPECT_EQ(take(1), "a");
  EXPECT_EQ(keyed_.find(1), nullptr);
  EXPECT_EQ(take(1), "none") << "answered already";
  EXPECT_EQ(take(2), "b");
  EXPECT_TRUE(keyed_.empty());
  EXPECT_THAT(dropped_, IsEmpty());
}

TEST_F(KeyedTest, AnAnswerNobodyAskedForBelongsToNobody) {
  push(1, "a");
  EXPECT_EQ(keyed_.find(7), nullptr);
  EXPECT_EQ(take(7), "none");
  EXPECT_EQ(take(1), "a");
}

TEST_F(KeyedTest, BeyondTheLimitTheOldestMakesRoom) {
  push(1, "a");
  push(2, "b");
  push(3, "c");
  EXPECT_EQ(take(2), "b");
  push(4, "d");
  push(5, "e");
  EXPECT_THAT(dropped_, ElementsAre("a"));
  EXPECT_THAT(kept(), ElementsAre("c", "d", "e"));
  EXPECT_EQ(take(1), "none") << "its answer is for nobody";
  EXPECT_EQ(keyed_.size(), 3u);
}

TEST_F(KeyedTest, AKeyUsedTwiceIsUncertainUntilBothAreAnswered) {
  push(1, "a");
  push(1, "b");
  EXPECT_THAT(dropped_, ElementsAre("a", "b"));
  EXPECT_THAT(kept(), IsEmpty());
  EXPECT_EQ(keyed_.find(1), nullptr);
  EXPECT_EQ(take(1), "none");
  push(1, "c");
  EXPECT_THAT(dropped_, ElementsAre("a", "b", "c")) << "one answer is still to come";
  EXPECT_EQ(take(1), "none");
  EXPECT_EQ(take(1), "none");
  push(1, "d");
  EXPECT_EQ(take(1), "d");
}

TEST_F(KeyedTest, AnUncertainKeyMakesRoomToo) {
  push(1, "a");
  push(1, "b");
  push(2, "c");
  push(3, "d");
  push(4, "e");
  EXPECT_THAT(dropped_, ElementsAre("a", "b")) << "nothing more was kept of it";
  EXPECT_THAT(kept(), ElementsAre("c", "d", "e"));
}

TEST_F(KeyedTest, AfterALossEveryKeyIsNew) {
  push(1, "a");
  push(1, "b");
  push(2, "c");
  dropped_.clear();
  keyed_.drop_all([&](std::string& request) { dropped_.push_back(request); });
  EXPECT_THAT(dropped_, ElementsAre("c"));
  push(1, "d");
  EXPECT_EQ(take(1), "d");
}

// Against a plain model: each request is told exactly once, and only for its own key.
TEST_F(KeyedTest, EveryRequestIsAnsweredDroppedOrOpen) {
  std::mt19937 random(1);
  std::map<std::string, int> told;
  const auto tell = [&](std::string& request) { ++told[request]; };
  int pushed = 0;
  for (int step = 0; step < 20000; ++step) {
    const int key = static_cast<int>(random() % 6);
    if (random() % 2 == 0) {
      keyed_.push(key, std::to_string(key) + ":" + std::to_string(pushed++), tell);
    } else if (auto answered = keyed_.take(key)) {
      ASSERT_EQ(answered->front() - '0', key);
      tell(*answered);
    }
    ASSERT_LE(keyed_.size(), 3u);
  }
  keyed_.drop_all(tell);
  EXPECT_EQ(told.size(), static_cast<size_t>(pushed));
  for (const auto& [request, times] : told) ASSERT_EQ(times, 1) << request;
}

}  // namespace
}  // namespace weft

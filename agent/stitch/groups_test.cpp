// SPDX-License-Identifier: Apache-2.0
#include "agent/stitch/groups.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <list>
#include <map>
#include <random>

#include "agent/stitch/keys.h"

namespace weft {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class GroupsTest : public ::testing::Test {
 protected:
  Node& node(uint32_t pid) {
    Node& made = nodes_.emplace_back();
    made.start.stamp.pid = pid;
    return made;
  }
  Node& added(uint32_t pid) {
    Node& made = node(pid);
    groups_.add(made);
    return made;
  }
  std::vector<Node*> all(uint32_t pid) {
    std::vector<Node*> found;
    for (Node* at = groups_.first({pid}); at; at = groups_.next(*at)) found.push_back(at);
    return found;
  }
  std::list<Node> nodes_;
  Groups<ByProcess> groups_;
};

TEST_F(GroupsTest, InTheOrderTheyCame) {
  EXPECT_THAT(all(1), IsEmpty());
  Node& a = added(1);
  Node& other = added(2);
  Node& b = added(1);
  Node& c = added(1);
  EXPECT_THAT(all(1), ElementsAre(&a, &b, &c));
  EXPECT_THAT(all(2), ElementsAre(&other));
  EXPECT_THAT(all(3), IsEmpty());
}

TEST_F(GroupsTest, TheOnlyOne) {
  EXPECT_EQ(groups_.only({1}), nullptr);
  Node& a = added(1);
  added(2);
  EXPECT_EQ(groups_.only({1}), &a);
  Node& b = added(1);
  EXPECT_EQ(groups_.only({1}), nullptr);
  groups_.remove(a);
  EXPECT_EQ(groups_.only({1}), &b);
  groups_.remove(b);
  EXPECT_EQ(groups_.only({1}), nullptr);
}

TEST_F(GroupsTest, WhatIsInNoneIsLeftAlone) {
  Node& a = added(1);
  Node& never = node(1);
  groups_.remove(never);
  EXPECT_THAT(all(1), ElementsAre(&a));
  groups_.remove(a);
  groups_.remove(a);
  EXPECT_THAT(all(1), IsEmpty());
  EXPECT_FALSE(a.by_process.is_linked());
}

// Compares with lists, using more keys than the table's first size.
TEST_F(GroupsTest, AnyOrderOfSteps) {
  std::mt19937 random(1);  // NOLINT: always the same
  std::map<uint32_t, std::vector<Node*>> expected;
  for (int step = 0; step < 5'000; ++step) {
    const auto pid = static_cast<uint32_t>(random() % (step < 3'000 ? 500 : 5));
    std::vector<Node*>& mine = expected[pid];
    if (mine.empty() || random() % 3 != 0) {
      mine.push_back(&added(pid));
    } else {
      const auto at = mine.begin() + static_cast<ptrdiff_t>(random() % mine.size());
      groups_.remove(**at);
      mine.erase(at);
    }
    ASSERT_EQ(all(pid), mine) << "step " << step;
    ASSERT_EQ(groups_.only({pid}), mine.size() == 1 ? mine.front() : nullptr);
  }
  for (const auto& [pid, mine] : expected) EXPECT_EQ(all(pid), mine);
}

}  // namespace
}  // namespace weft

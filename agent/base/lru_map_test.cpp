// SPDX-License-Identifier: Apache-2.0
#include "agent/base/lru_map.h"

#include <gtest/gtest.h>
#include <string>

namespace weft {
namespace {

TEST(LruMap, FindsWhatWasPut) {
  LruMap<std::string, int> map(2);
  map.put("a", 1);
  ASSERT_NE(map.find("a"), nullptr);
  EXPECT_EQ(*map.find("a"), 1);
  EXPECT_EQ(map.find("b"), nullptr);
}

TEST(LruMap, DropsWhatWasUsedLongestAgo) {
  LruMap<std::string, int> map(2);
  map.put("a", 1);
  map.put("b", 2);
  map.find("a");
  map.put("c", 3);
  EXPECT_NE(map.find("a"), nullptr);
  EXPECT_EQ(map.find("b"), nullptr);
  EXPECT_EQ(map.size(), 2u);
}

TEST(LruMap, APutOfAKnownKeyReplacesIt) {
  LruMap<std::string, int> map(2);
  map.put("a", 1);
  map.put("b", 2);
  map.put("a", 3);
  EXPECT_EQ(map.size(), 2u);
  EXPECT_EQ(*map.find("a"), 3);
  EXPECT_EQ(*map.find("b"), 2);
}

}  // namespace
}  // namespace weft

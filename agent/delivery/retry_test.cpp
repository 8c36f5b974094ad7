// SPDX-License-Identifier: Apache-2.0
#include "agent/delivery/retry.h"

#include <gtest/gtest.h>

namespace weft {
namespace {

using namespace std::chrono_literals;

TEST(Backoff, GrowsByHalfUpToTheCap) {
  Backoff backoff({});
  for (const auto expected : {5000ms, 7500ms, 11250ms, 16875ms, 25313ms, 30000ms, 30000ms}) {
    EXPECT_EQ(backoff.next(0ms, {}, 0.5), expected);
  }
}

TEST(Backoff, SpreadsEachWait) {
  EXPECT_EQ(Backoff({}).next(0ms, {}, 0.0), 2500ms);
  EXPECT_EQ(Backoff({}).next(0ms, {}, 0.75), 6250ms);
}

TEST(Backoff, ServerWinsUnjittered) {
  EXPECT_EQ(Backoff({}).next(0ms, 120s, 0.9), 120s);
}

TEST(Backoff, GivesUpWhenTheNextAttemptWouldBeTooLate) {
  EXPECT_EQ(Backoff({}).next(295s, {}, 0.5), 5000ms);
  EXPECT_EQ(Backoff({}).next(296s, {}, 0.5), std::nullopt);
  EXPECT_EQ(Backoff({}).next(0ms, 301s, 0.5), std::nullopt);
}

}  // namespace
}  // namespace weft

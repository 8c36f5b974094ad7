// SPDX-License-Identifier: Apache-2.0
#include "agent/storage/sights.h"

#include <gtest/gtest.h>

namespace weft::storage {
namespace {

class SightsTest : public ::testing::Test {
 protected:
  const Engine& db_ = engines().front();
  CounterSet counters_;
  Sights sights_{counters_};
};

TEST_F(SightsTest, ThreadsWithoutCallsAreBounded) {
  const auto tid = [](size_t i) { return static_cast<uint32_t>(i); };
  for (size_t i = 1; i <= Sights::kMaxSilent; ++i) sights_.not_called(db_, 1, tid(i));
  EXPECT_TRUE(sights_.silent(db_, 1, 1));
  EXPECT_TRUE(sights_.silent(db_, 1, tid(Sights::kMaxSilent)));
  sights_.not_called(db_, 1, tid(Sights::kMaxSilent + 1));
  EXPECT_FALSE(sights_.silent(db_, 1, 1)) << "all are waited for anew";
  EXPECT_TRUE(sights_.silent(db_, 1, tid(Sights::kMaxSilent + 1)));
}

TEST_F(SightsTest, OfAnEngineWithoutCallsNoneIsMissed) {
  const Engine& file = engines().back();
  sights_.flushed_uncalled(file);
  for (const CounterSet::Sample& sample : counters_.samples()) EXPECT_EQ(sample.value, 0u);
}

TEST_F(SightsTest, AProcessTakesWhatIsKnownOfItAlong) {
  const Engine* const db = &db_;
  constexpr uint32_t kLast = UINT32_MAX;  // a recording may say anything
  for (const uint32_t pid : {1u, 2u, 3u, kLast}) {
    sights_.held(db_, pid);
    sights_.not_called(db_, pid, pid);
  }
  sights_.forget(2);
  sights_.forget(kLast);
  for (const uint32_t pid : {1u, 2u, 3u, kLast}) {
    const bool gone = pid == 2 || pid == kLast;
    EXPECT_EQ(sights_.holder({&db, 1}, pid), gone ? nullptr : db);
    EXPECT_EQ(sights_.silent(db_, pid, pid), !gone);
  }
}

}  // namespace
}  // namespace weft::storage

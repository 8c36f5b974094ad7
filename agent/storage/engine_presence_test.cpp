// SPDX-License-Identifier: Apache-2.0
#include "agent/storage/engine_presence.h"

#include <gtest/gtest.h>

namespace weft::storage {
namespace {

class EnginePresenceTest : public ::testing::Test {
 protected:
  const Engine& db_ = engines().front();
  CounterSet counters_;
  EnginePresence presence_{counters_};
};

TEST_F(EnginePresenceTest, ThreadsWithoutCallsAreBounded) {
  const auto tid = [](size_t i) { return static_cast<uint32_t>(i); };
  for (size_t i = 1; i <= EnginePresence::kMaxSilent; ++i) presence_.not_called(db_, 1, tid(i));
  EXPECT_TRUE(presence_.silent(db_, 1, 1));
  EXPECT_TRUE(presence_.silent(db_, 1, tid(EnginePresence::kMaxSilent)));
  presence_.not_called(db_, 1, tid(EnginePresence::kMaxSilent + 1));
  EXPECT_FALSE(presence_.silent(db_, 1, 1)) << "all are waited for anew";
  EXPECT_TRUE(presence_.silent(db_, 1, tid(EnginePresence::kMaxSilent + 1)));
}

TEST_F(EnginePresenceTest, OfAnEngineWithoutCallsNoneIsMissed) {
  const Engine& file = engines().back();
  presence_.flush_inferred(file);
  for (const CounterSet::Sample& sample : counters_.samples()) EXPECT_EQ(sample.value, 0u);
}

TEST_F(EnginePresenceTest, AProcessTakesWhatIsKnownOfItAlong) {
  const Engine* const db = &db_;
  constexpr uint32_t kLast = UINT32_MAX;  // a recording may hold any value
  for (const uint32_t pid : {1u, 2u, 3u, kLast}) {
    presence_.has_engine(db_, pid);
    presence_.not_called(db_, pid, pid);
  }
  presence_.forget(2);
  presence_.forget(kLast);
  for (const uint32_t pid : {1u, 2u, 3u, kLast}) {
    const bool gone = pid == 2 || pid == kLast;
    EXPECT_EQ(presence_.holder({&db, 1}, pid), gone ? nullptr : db);
    EXPECT_EQ(presence_.silent(db_, pid, pid), !gone);
  }
}

}  // namespace
}  // namespace weft::storage

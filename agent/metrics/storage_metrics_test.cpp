// SPDX-License-Identifier: Apache-2.0
#include "agent/metrics/storage_metrics.h"

#include <gtest/gtest.h>

#include "agent/metrics/test_engine.h"

namespace weft::metrics {
namespace {

constexpr uint64_t kSecond = 1'000'000'000;
constexpr Engine kPostgres = engine_called("postgresql");
constexpr Engine kSqlite = engine_called("sqlite");

class StorageMetricsTest : public ::testing::Test {
 protected:
  StorageSample sample(uint32_t pid = 1, std::string_view operation = "wal.sync",
                       std::string_view file = "/pg_wal/000000010000000000000001") {
    return {.engine = &kPostgres,
            .instance = pid,
            .operation = operation,
            .file = file,
            .duration = 1000,
            .bytes = 10,
            .failed = false};
  }
  const StorageMetrics::Series* find(std::string service, std::string operation = "wal.sync",
                                     std::string file = "/pg_wal/*") {
    const auto it = metrics_.operations().find(
        {"postgresql", std::move(service), std::move(operation), std::move(file), ""});
    return it == metrics_.operations().end() ? nullptr : &it->second;
  }
  uint64_t refused() { return counters_.get("weft.storage.series.refused").value(); }

  CounterSet counters_;
  uint32_t asked_ = 0;
  std::string prefix_ = "db";
  StorageMetrics metrics_{[this](uint32_t pid) {
                            ++asked_;
                            return prefix_ + std::to_string(pid);
                          },
                          counters_};
};

TEST_F(StorageMetricsTest, CountsTimesBytesErrors) {
  metrics_.operation(sample());
  StorageSample failed = sample();
  failed.duration = 5000;
  failed.bytes = 1;
  failed.failed = true;
  metrics_.operation(failed);
  const auto* series = find("db1");
  ASSERT_TRUE(series);
  EXPECT_EQ(series->values.count(), 2u);
  EXPECT_EQ(series->values.sum(), 6000u);
  EXPECT_EQ(series->bytes, 11u);
  EXPECT_EQ(series->errors, 1u);
  EXPECT_EQ(asked_, 1u);
}

TEST_F(StorageMetricsTest, EveryLabelMakesASeriesOfItsOwn) {
  metrics_.operation(sample());
  metrics_.operation(sample(2));
  metrics_.operation(sample(1, "wal.flush"));
  metrics_.operation(sample(1, "wal.sync", "/other/app.db-wal"));
  StorageSample other = sample();
  other.engine = &kSqlite;
  metrics_.operation(other);
  StorageSample backed = sample();
  backed.backend = "s3";
  metrics_.operation(backed);
  EXPECT_EQ(metrics_.operations().size(), 6u);
  for (const auto& [identity, series] : metrics_.operations()) {
    EXPECT_EQ(series.values.count(), 1u);
  }
}

TEST_F(StorageMetricsTest, NumberedLogsShareASeries) {
  metrics_.operation(sample());
  metrics_.operation(sample(1, "wal.sync", "/pg_wal/000000010000000000000002"));
  EXPECT_EQ(metrics_.operations().size(), 1u);
  EXPECT_EQ(find("db1")->values.count(), 2u);
}

TEST_F(StorageMetricsTest, ProcessesOfAServiceShareASeries) {
  StorageMetrics metrics([](uint32_t) { return "shop"; }, counters_);
  metrics.operation(sample(1));
  metrics.operation(sample(2));
  ASSERT_EQ(metrics.operations().size(), 1u);
  EXPECT_EQ(metrics.operations().begin()->second.values.count(), 2u);
  metrics.forget(1);
  metrics.sweep(kSecond);
  metrics.sweep(kSecond + StorageMetrics::kKept);
  EXPECT_EQ(metrics.operations().size(), 1u);  // process 2 still lives
}

TEST_F(StorageMetricsTest, Groups) {
  metrics_.group(kPostgres, 1, 3);
  metrics_.group(kPostgres, 1, 1);
  ASSERT_EQ(metrics_.groups().size(), 1u);
  const auto& [identity, series] = *metrics_.groups().begin();
  EXPECT_EQ(identity.engine, "postgresql");
  EXPECT_EQ(identity.service, "db1");
  EXPECT_EQ(series.values.sum(), 4u);
  EXPECT_EQ(series.values.bounds().data(), kCounts.bounds.data());
  EXPECT_TRUE(metrics_.operations().empty());
}

TEST_F(StorageMetricsTest, SeriesOfTheDeadAreKeptAWhile) {
  metrics_.sweep(kSecond);
  metrics_.operation(sample());
  metrics_.group(kPostgres, 1, 1);
  metrics_.sweep(10 * StorageMetrics::kKept);
  ASSERT_TRUE(find("db1"));  // its process lives, however idle
  metrics_.forget(1);
  const uint64_t ended = 20 * StorageMetrics::kKept;
  metrics_.sweep(ended);
  metrics_.sweep(ended + StorageMetrics::kKept - 1);
  ASSERT_TRUE(find("db1"));
  metrics_.sweep(ended + StorageMetrics::kKept);
  EXPECT_FALSE(find("db1"));
  EXPECT_TRUE(metrics_.groups().empty());
}

TEST_F(StorageMetricsTest, ARestartedServiceGoesOnCounting) {
  StorageMetrics metrics([](uint32_t) { return "shop"; }, counters_);
  metrics.operation(sample(1));
  metrics.forget(1);
  metrics.sweep(kSecond);
  metrics.operation(sample(2));
  metrics.sweep(kSecond + StorageMetrics::kKept);
  ASSERT_EQ(metrics.operations().size(), 1u);
  EXPECT_EQ(metrics.operations().begin()->second.values.count(), 2u);
  metrics.forget(2);  // and the time starts again
  metrics.sweep(2 * StorageMetrics::kKept);
  EXPECT_EQ(metrics.operations().size(), 1u);
}

TEST_F(StorageMetricsTest, APidUsedAgainIsAnotherService) {
  metrics_.operation(sample());
  metrics_.forget(1);
  prefix_ = "new";
  metrics_.operation(sample());
  EXPECT_EQ(find("db1")->values.count(), 1u);
  ASSERT_TRUE(find("new1"));
  EXPECT_EQ(find("new1")->values.count(), 1u);
}

TEST_F(StorageMetricsTest, WhatHasNoRoomIsCountedTogether) {
  for (uint32_t pid = 1; pid <= StorageMetrics::kMaxSeries + 5; ++pid) {
    metrics_.operation(sample(pid));
  }
  EXPECT_EQ(metrics_.operations().size(), StorageMetrics::kMaxSeries + 1);
  EXPECT_EQ(refused(), 5u);
  const auto overflow =
      metrics_.operations().find({"_overflow", "_overflow", "_overflow", "_overflow", "_overflow"});
  ASSERT_NE(overflow, metrics_.operations().end());
  EXPECT_EQ(overflow->second.values.count(), 5u);
  metrics_.operation(sample(1));  // a known series: counted as before
  EXPECT_EQ(find("db1")->values.count(), 2u);
  metrics_.group(kPostgres, 1, 1);
  EXPECT_EQ(metrics_.groups().begin()->first.service, "_overflow");
}

TEST_F(StorageMetricsTest, RoomThatIsFreedIsUsed) {
  constexpr uint32_t kLate = StorageMetrics::kMaxSeries + 1;
  for (uint32_t pid = 1; pid <= kLate; ++pid) metrics_.operation(sample(pid));
  EXPECT_FALSE(find("db" + std::to_string(kLate)));
  metrics_.forget(1);
  metrics_.forget(2);
  metrics_.sweep(kSecond);
  metrics_.sweep(kSecond + StorageMetrics::kKept);
  metrics_.operation(sample(kLate));
  EXPECT_TRUE(find("db" + std::to_string(kLate)));
}

TEST_F(StorageMetricsTest, ProcessesWhoseEndWasMissedAreBounded) {
  StorageMetrics metrics([](uint32_t) { return "shop"; }, counters_);
  for (uint32_t pid = 1; pid <= 3 * StorageMetrics::kMaxInstances; ++pid) {
    metrics.operation(sample(pid));
  }
  ASSERT_EQ(metrics.operations().size(), 1u);
  const auto& series = metrics.operations().begin()->second;
  EXPECT_EQ(series.values.count(), 3 * StorageMetrics::kMaxInstances);
  EXPECT_EQ(series.holders, StorageMetrics::kMaxInstances);
}

TEST_F(StorageMetricsTest, TheLongestUnusedCountsAsEnded) {
  metrics_.operation(sample(1));
  metrics_.sweep(kSecond);
  for (uint32_t pid = 2; pid <= StorageMetrics::kMaxInstances; ++pid) {
    metrics_.group(kPostgres, pid, 1);
  }
  metrics_.sweep(2 * kSecond);
  metrics_.operation(sample(1));
  metrics_.operation(sample(5000));
  EXPECT_EQ(find("db1")->holders, 1u);
}

TEST_F(StorageMetricsTest, ManyFilesOfOneLogAreBounded) {
  for (size_t i = 0; i < 2 * StorageMetrics::kMaxRoutes; ++i) {
    metrics_.operation(sample(1, "wal.sync", "/pg_wal/" + std::to_string(i)));
    ASSERT_LE(metrics_.routes(), StorageMetrics::kMaxRoutes);
  }
  ASSERT_EQ(metrics_.operations().size(), 1u);
  EXPECT_EQ(find("db1")->values.count(), 2 * StorageMetrics::kMaxRoutes);
  EXPECT_EQ(find("db1")->holders, 1u);
  EXPECT_EQ(asked_, 1u);
}

TEST_F(StorageMetricsTest, LabelsAreText) {
  prefix_ = "\xff";
  metrics_.operation(sample(1, "wal.sync", "/tmp/\xfe.wal"));
  EXPECT_TRUE(find("\uFFFD1", "wal.sync", "/tmp/\uFFFD.wal"));
}

}  // namespace
}  // namespace weft::metrics

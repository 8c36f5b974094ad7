// SPDX-License-Identifier: Apache-2.0
// From operations to the scraped text.
#include "agent/admin/storage_rows.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "agent/metrics/test_engine.h"

namespace weft {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr Engine kPostgres = metrics::engine_called("postgresql");

class StorageRows : public ::testing::Test {
 protected:
  StatusReport report() const {
    StatusReport out;
    out.version = "1";
    add_storage(metrics_, out);
    return out;
  }
  void sync(uint64_t ns, bool failed = false) {
    metrics_.operation({.engine = &kPostgres,
                        .instance = 1,
                        .operation = "wal.sync",
                        .file = "/pg_wal/000000010000000000000001",
                        .duration = ns,
                        .bytes = 8192,
                        .failed = failed});
  }

  CounterSet counters_;
  metrics::StorageMetrics metrics_{[](uint32_t) { return "shop \"db\"\\1\n"; }, counters_};
};

TEST_F(StorageRows, Prometheus) {
  sync(1'000);
  sync(1'500'000);
  sync(200'000'000'000, true);
  const std::string text = to_prometheus(report());
  const std::string labels =
      R"({engine="postgresql",service_name="shop \"db\"\\1\n",operation="wal.sync",file="/pg_wal/*")";
  const std::string name = "weft_storage_operation_duration_seconds";
  EXPECT_THAT(text,
              HasSubstr("# HELP " + name + " Duration of storage operations.\n# TYPE " + name +
                        " histogram\n" + name + "_bucket" + labels + ",le=\"1e-06\"} 1\n"));
  EXPECT_THAT(text, HasSubstr(name + "_bucket" + labels + ",le=\"0.001\"} 1\n"));
  EXPECT_THAT(text, HasSubstr(name + "_bucket" + labels + ",le=\"0.002\"} 2\n"));
  EXPECT_THAT(text, HasSubstr(name + "_bucket" + labels + ",le=\"100\"} 2\n"));
  EXPECT_THAT(text, HasSubstr(name + "_bucket" + labels + ",le=\"+Inf\"} 3\n" + name + "_sum" +
                              labels + "} 200.001501\n" + name + "_count" + labels + "} 3\n"));
  EXPECT_THAT(text, HasSubstr("weft_storage_operation_bytes_total" + labels + "} 24576\n"));
  EXPECT_THAT(text, HasSubstr("# TYPE weft_storage_operation_errors_total counter\n"
                              "weft_storage_operation_errors_total" +
                              labels + "} 1\n"));
  EXPECT_THAT(text,
              HasSubstr("weft_storage_operation_success_ratio" + labels + "} 0.66666666666666"));
  EXPECT_THAT(text, Not(HasSubstr("backend")));
}

TEST_F(StorageRows, GroupsCountCommits) {
  metrics_.group(kPostgres, 1, 1);
  metrics_.group(kPostgres, 1, 5);
  const std::string text = to_prometheus(report());
  EXPECT_THAT(text, HasSubstr("# TYPE weft_storage_group_size histogram\n"));
  EXPECT_THAT(text, HasSubstr("le=\"4\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("le=\"8\"} 2\n"));
  EXPECT_THAT(text, Not(HasSubstr("operation")));
}

TEST_F(StorageRows, TextAfterARoundTrip) {
  for (int i = 0; i < 100; ++i) sync(1'500'000, i == 0);
  const auto parsed = status_from_json(to_json(report()));
  ASSERT_TRUE(parsed);
  EXPECT_THAT(to_text(*parsed), HasSubstr("wal.sync     100  1.5 ms  1.99 ms       1\n"));
}

TEST_F(StorageRows, NothingDoneNothingTold) {
  EXPECT_TRUE(report().histograms.empty());
  EXPECT_THAT(to_text(report()), Not(HasSubstr("Storage")));
}

}  // namespace
}  // namespace weft

// SPDX-License-Identifier: Apache-2.0
#include "agent/admin/counter_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "bpf/abi/weft_stat.h"

namespace weft {
namespace {

using ::testing::HasSubstr;

StatusReport sorted(std::vector<CounterSet::Sample> counters) {
  StatusReport report;
  report.counters = std::move(counters);
  sort_counters(report);
  return report;
}

CounterKind kind(const std::string& name, const std::string& cause = "") {
  const CounterRow* row = find_counter({name, {{"cause", cause}}, 1});
  EXPECT_NE(row, nullptr) << name;
  return row ? row->kind : CounterKind::kNoted;
}

TEST(CounterTable, EveryCounterOfTheKernelSideIsInIt) {
#define WEFT_STAT_CHECK(name, text, kind, help) \
  EXPECT_NE(find_counter({"weft.kernel." text, {}, 1}), nullptr) << text;
  WEFT_STATS(WEFT_STAT_CHECK)
#undef WEFT_STAT_CHECK
}

TEST(CounterTable, LostIsWhatShouldHaveBeenASpan) {
  EXPECT_EQ(kind("weft.kernel.ring_full"), CounterKind::kLost);
  EXPECT_EQ(kind("weft.kernel.missed_calls"), CounterKind::kLost);
  EXPECT_EQ(kind("weft.kernel.denied_process"), CounterKind::kUnwanted);
  EXPECT_EQ(kind("weft.kernel.unclassified_connections"), CounterKind::kUnwanted);
  EXPECT_EQ(kind("weft.exchanges.abandoned"), CounterKind::kLost);
  EXPECT_EQ(kind("weft.exchanges.unwanted"), CounterKind::kUnwanted);
  EXPECT_EQ(kind("weft.spans.sampled_out"), CounterKind::kSampled);
  EXPECT_EQ(kind("weft.connections.ignored", "tunnel"), CounterKind::kUnwanted);
  EXPECT_EQ(kind("weft.connections.ignored", "not_the_protocol"), CounterKind::kLost);
  EXPECT_EQ(kind("weft.storage.dropped", "unknown_file"), CounterKind::kLost);
  EXPECT_EQ(kind("weft.exporter.spans.dropped", "queue_full"), CounterKind::kLost);
  EXPECT_EQ(kind("weft.exporter.retries"), CounterKind::kNoted);
}

TEST(CounterTable, SortsWhatWasLostFromWhatWasLeftOut) {
  const StatusReport report = sorted({
      {"weft.exporter.spans.dropped", {{"exporter", "otlp"}, {"cause", "queue_full"}}, 9},
      {"weft.storage.dropped", {{"cause", "unknown_file"}}, 4},
      {"weft.spans.sampled_out", {}, 7},
      {"weft.connections.ignored", {{"cause", "tunnel"}}, 2},
      {"weft.exchanges.begun", {}, 100},
      {"weft.spans.emitted", {}, 50},
  });
  ASSERT_EQ(report.losses.size(), 2u);
  EXPECT_EQ(report.losses[0].where, "storage");
  EXPECT_EQ(report.losses[0].cause, "unknown_file");
  EXPECT_EQ(report.losses[1].where, "otlp");
  EXPECT_EQ(report.losses[1].count, 9u);
  ASSERT_EQ(report.left_out.size(), 2u);
  EXPECT_EQ(report.left_out[0].cause, "tunnel");
  EXPECT_EQ(report.left_out[0].kind, "not wanted");
  EXPECT_EQ(report.left_out[1].cause, "sampled_out");
  EXPECT_EQ(report.seen, 100u);
  EXPECT_EQ(report.emitted, 50u);
}

TEST(CounterTable, PrometheusSaysWhatACounterIs) {
  StatusReport report;
  report.counters = {{"weft.spans.sampled_out", {}, 7},
                     {"weft.connections.ignored", {{"cause", "tunnel"}}, 2}};
  const std::string text = to_prometheus(report);
  EXPECT_THAT(text, HasSubstr("# HELP weft_spans_sampled_out_total spans of traces not kept "
                              "(sampled out).\n# TYPE weft_spans_sampled_out_total counter\n"));
  EXPECT_THAT(text, HasSubstr("tunnel: connections become opaque (not wanted); "));
}

}  // namespace
}  // namespace weft

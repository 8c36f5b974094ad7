// SPDX-License-Identifier: Apache-2.0
#include "agent/admin/status.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace weft {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

StatusReport sample() {
  StatusReport r;
  r.version = "1.2.3";
  r.pid = 42;
  r.uptime_seconds = 3725;
  r.ready = true;
  r.connections = 7;
  r.seen = 1234567;
  r.emitted = 999;
  r.losses = {{"kernel", "ring_full", 3, "lost"}, {"otlp_http", "queue_full", 0, "lost"}};
  r.left_out = {{"sampler", "sampled_out", 1234, "sampled out"},
                {"stream", "tunnel", 2, "not wanted"}};
  r.hooks = {{"send", "kprobe", "fentry: no BTF"}, {"receive", "fentry", ""}};
  r.probes = {
      {"engine", "postgresql", "/bin/postgres", "XLogFlush", "dynsym 0x40", true, true, 7, 2, 3},
      {"engine", "postgresql", "/bin/postgres", "gone", "not in this build", false, true, {}, 0, 0},
      {"engine", "postgresql", "/bin/postgres", "busy", "paused", false, true, 9, 2, 3},
      {"engine", "postgresql", "/bin/postgres", "XLogFlush", "dynsym 0x80", true, true, 4, 2, 3}};
  r.processes = {{10, "shop", "/usr/bin/python3", std::string(64, 'a'), true, 5, {"http1"}},
                 {11, "bash", "/bin/bash", "", false, 0, {}},
                 {12, "très", "/usr/sbin/nginx", "", true, 50, {"http1", "http2"}}};
  r.protocols = {{"http1", 1000, 2}};
  r.exporters = {{"console", 1, 2048, 990, 4, "disk full"}};
  r.counters = {{"weft.spans.dropped", {{"exporter", "console"}, {"cause", "queue_full"}}, 4},
                {"weft.kernel.events", {}, 17},
                {"weft.spans.dropped", {{"exporter", "other"}, {"cause", "a\"b\\c\nd"}}, 5}};
  r.gauges = {{"weft.memory.bytes", {}, 1.5e6}};
  r.histograms = {{"weft.storage.operation.duration_seconds",
                   "Duration.",
                   {{"engine", "sqlite"},
                    {"service.name", "orders"},
                    {"operation", "wal.sync"},
                    {"file", "a\"b"}},
                   {0.001, 0.002},
                   {1, 3, 2},
                   0.5},
                  {"weft.storage.operation.duration_seconds",
                   "Duration.",
                   {{"engine", "sqlite"}, {"service.name", "orders"}, {"operation", "wal.sync"}},
                   {0.001, 0.002},
                   {94, 0, 0},
                   0.05}};
  r.counters.push_back(
      {"weft.storage.operation.errors",
       {{"engine", "sqlite"}, {"operation", "wal.sync"}, {"service.name", "orders"}},
       7});
  return r;
}

StatusReport::Histogram histogram(std::vector<double> bounds, std::vector<uint64_t> counts) {
  return {"h", "", {}, std::move(bounds), std::move(counts), 0};
}

TEST(StatusJson, RoundTrip) {
  const StatusReport a = sample();
  const auto parsed = status_from_json(to_json(a));
  ASSERT_TRUE(parsed) << parsed.error().message;
  const StatusReport& b = *parsed;
  EXPECT_EQ(b.version, "1.2.3");
  EXPECT_EQ(b.pid, 42u);
  EXPECT_EQ(b.uptime_seconds, 3725);
  EXPECT_TRUE(b.ready);
  EXPECT_EQ(b.connections, 7u);
  EXPECT_EQ(b.seen, 1234567u);
  EXPECT_EQ(b.emitted, 999u);
  EXPECT_EQ(b.losses.at(0).where, "kernel");
  EXPECT_EQ(b.losses.at(0).cause, "ring_full");
  EXPECT_EQ(b.losses.at(0).count, 3u);
  EXPECT_EQ(b.losses.at(0).kind, "lost");
  EXPECT_EQ(b.left_out.at(1).cause, "tunnel");
  EXPECT_EQ(b.left_out.at(1).kind, "not wanted");
  EXPECT_EQ(b.hooks.at(0).reason, "fentry: no BTF");
  EXPECT_EQ(b.probes.at(0).target, "postgresql");
  EXPECT_EQ(b.probes.at(0).binary, "/bin/postgres");
  EXPECT_EQ(b.probes.at(0).probe, "XLogFlush");
  EXPECT_EQ(b.probes.at(0).how, "dynsym 0x40");
  EXPECT_TRUE(b.probes.at(0).probed);
  EXPECT_TRUE(b.probes.at(0).has_flushes);
  EXPECT_EQ(b.probes.at(0).hits, 7u);
  EXPECT_EQ(b.probes.at(0).direct_calls, 2u);
  EXPECT_EQ(b.probes.at(0).inferred, 3u);
  EXPECT_FALSE(b.probes.at(1).probed);
  EXPECT_FALSE(b.probes.at(1).hits);
  EXPECT_EQ(b.processes.at(2).service, "très");
  EXPECT_EQ(b.processes.at(2).protocols, (std::vector<std::string>{"http1", "http2"}));
  EXPECT_TRUE(b.processes.at(0).traced);
  EXPECT_EQ(b.processes.at(0).container, a.processes[0].container);
  EXPECT_EQ(b.protocols.at(0).errors, 2u);
  EXPECT_EQ(b.exporters.at(0).queued, 1u);
  EXPECT_EQ(b.exporters.at(0).last_error, "disk full");
  EXPECT_EQ(b.counters.at(2).value, 5u);
  EXPECT_EQ(b.gauges.at(0).value, 1.5e6);
  EXPECT_EQ(b.histograms.at(0).name, a.histograms[0].name);
  EXPECT_EQ(b.histograms.at(0).help, "Duration.");
  EXPECT_EQ(label_value(b.histograms.at(0).labels, "file"), "a\"b");
  EXPECT_EQ(b.histograms.at(0).bounds, a.histograms[0].bounds);
  EXPECT_EQ(b.histograms.at(0).counts, a.histograms[0].counts);
  EXPECT_EQ(b.histograms.at(0).sum, 0.5);
  EXPECT_EQ(to_json(b), to_json(a));
}

TEST(StatusJson, AHistogramHasABucketMoreThanBounds) {
  const auto report = status_from_json(
      R"({"version":"9","histograms":[{"name":"h","bounds":[1,2],"counts":[5]},{}]})");
  ASSERT_TRUE(report);
  EXPECT_EQ(report->histograms.at(0).counts, (std::vector<uint64_t>{5, 0, 0}));
  EXPECT_EQ(report->histograms.at(1).quantile(0.5), 0);
}

TEST(StatusHistogram, QuantileIsLinearInItsBucket) {
  const auto h = histogram({10, 20, 40}, {0, 10, 10, 0});
  EXPECT_EQ(h.quantile(0), 10);
  EXPECT_EQ(h.quantile(0.25), 15);
  EXPECT_EQ(h.quantile(0.5), 20);
  EXPECT_EQ(h.quantile(0.75), 30);
  EXPECT_EQ(h.quantile(1), 40);
}

TEST(StatusHistogram, TheFirstBucketBeginsAtZero) {
  EXPECT_EQ(histogram({10, 20}, {4, 0, 0}).quantile(0.5), 5);
}

TEST(StatusHistogram, AboveAllBoundsIsTheHighest) {
  EXPECT_EQ(histogram({10, 20}, {1, 0, 99}).quantile(0.5), 20);
}

TEST(StatusHistogram, NoValuesNoQuantile) {
  EXPECT_EQ(histogram({10, 20}, {0, 0, 0}).quantile(0.99), 0);
  EXPECT_EQ(StatusReport::Histogram().quantile(0.99), 0);
}

TEST(StatusHistogram, Sums) {
  StatusReport::Histogram total;
  total.add(histogram({10, 20}, {1, 2, 3}));
  total.add(histogram({10, 20}, {10, 20, 30}));
  EXPECT_EQ(total.counts, (std::vector<uint64_t>{11, 22, 33}));
  EXPECT_EQ(total.count(), 66u);
  EXPECT_EQ(total.bounds, (std::vector<double>{10, 20}));
}

TEST(StatusJson, AbsentMembersAreDefaults) {
  const auto report = status_from_json("{\"version\":\"9\",\"new_member\":[1]}");
  ASSERT_TRUE(report);
  EXPECT_FALSE(report->ready);
  EXPECT_TRUE(report->processes.empty());
}

TEST(StatusJson, AnythingElseIsNoReport) {
  for (const char* text :
       {"", "[]", "{}", "{\"version\":3}", "<html>", "null", "{\"version\":\"1\",\"pid\":\"x\"}",
        "{\"version\":\"1\",\"processes\":[1]}", "{\"version\":\"1\",\"processes\":{\"a\":1}}"}) {
    const auto report = status_from_json(text);
    ASSERT_FALSE(report) << text;
    EXPECT_EQ(report.error().code, ExitCode::kUnreachable);
  }
}

TEST(StatusJson, BytesThatAreNoTextDoNotSpoilTheRest) {
  StatusReport r = sample();
  r.processes[0].exe = "/tmp/\xff\xfe";
  EXPECT_TRUE(status_from_json(to_json(r)));
}

TEST(StatusText, SeenEmittedLost) {
  const std::string text = to_text(sample());
  EXPECT_THAT(text, HasSubstr("weft 1.2.3, pid 42, up 1 h 2 min, tracing\n"));
  EXPECT_THAT(text, HasSubstr("seen     1 234 567 exchanges, 7 connections open now\n"));
  EXPECT_THAT(text, HasSubstr("emitted  999 spans\n"));
  EXPECT_THAT(text, HasSubstr("lost     3\n"));
  EXPECT_THAT(text, HasSubstr("kernel  ring_full      3\n"));
  EXPECT_THAT(text, Not(HasSubstr("queue_full")));  // nothing was lost there
}

TEST(StatusText, WhatWasLeftOutIsNotLost) {
  const std::string text = to_text(sample());
  EXPECT_THAT(text, HasSubstr("sampled  1 234 spans left out\n"));
  EXPECT_THAT(text, HasSubstr("\nNot lost\n"));
  EXPECT_THAT(text, HasSubstr("sampler  sampled_out  sampled out  1 234\n"));
  EXPECT_THAT(text, HasSubstr("stream   tunnel       not wanted       2\n"));
}

TEST(StatusText, ProcessesByActivityAndColumnsAligned) {
  const std::string text = to_text(sample());
  EXPECT_LT(text.find("très"), text.find("shop"));
  EXPECT_THAT(text, HasSubstr("  12  très        50  http1 http2"));
  EXPECT_THAT(text,
              HasSubstr("  10  shop         5  http1        aaaaaaaaaaaa  /usr/bin/python3\n"));
  EXPECT_THAT(text, HasSubstr("and 1 process not traced"));
  EXPECT_THAT(text, Not(HasSubstr("/bin/bash")));
}

TEST(StatusText, StorageByServiceAndOperation) {
  const std::string text = to_text(sample());
  EXPECT_THAT(text, HasSubstr("\nStorage\n"
                              "  engine  service  operation  count     p50   p99  errors\n"
                              "  sqlite  orders   wal.sync     100  526 µs  2 ms       7\n"));
}

TEST(StatusText, EnginesBeforeProcesses) {
  const std::string text = to_text(sample());
  EXPECT_LT(text.find("Engine postgresql, /bin/postgres"), text.find("Processes"));
}

TEST(StatusText, NothingToTellIsShort) {
  StatusReport empty;
  empty.version = "0";
  EXPECT_EQ(to_text(empty),
            "weft 0, pid 0, up 0 s, starting\n\n  seen     0 exchanges, 0 connections open now\n"
            "  emitted  0 spans\n  lost     0\n");
}

TEST(StatusText, NoTerminalCommandsFromOtherPrograms) {
  StatusReport r = sample();
  r.processes[0].exe = "/tmp/\x1b[2J";
  EXPECT_THAT(to_text(r), HasSubstr("/tmp/?[2J"));
}

TEST(Prometheus, FamiliesAreTogetherAndTyped) {
  EXPECT_THAT(
      to_prometheus(sample()),
      HasSubstr("# TYPE weft_spans_dropped_total counter\n"
                "weft_spans_dropped_total{exporter=\"console\",cause=\"queue_full\"} 4\n"
                "weft_spans_dropped_total{exporter=\"other\",cause=\"a\\\"b\\\\c\\nd\"} 5\n"));
  EXPECT_THAT(to_prometheus(sample()),
              HasSubstr("# TYPE weft_kernel_events_total counter\nweft_kernel_events_total 17\n"));
}

TEST(Prometheus, CopiesOfABinaryAreOneSeries) {
  const std::string text = to_prometheus(sample());
  EXPECT_THAT(text, HasSubstr("# TYPE weft_engine_probe_hits_total counter\n"
                              "weft_engine_probe_hits_total{engine=\"postgresql\","
                              "binary=\"/bin/postgres\",probe=\"XLogFlush\"} 11\n"));
  EXPECT_THAT(text, HasSubstr("probe=\"busy\"} 9\n")) << "a counter does not vanish";
  EXPECT_THAT(text, Not(HasSubstr("gone")));
}

TEST(Prometheus, HistogramsAreCumulative) {
  const std::string name = "weft_storage_operation_duration_seconds";
  const std::string labels =
      R"({engine="sqlite",service_name="orders",operation="wal.sync",file="a\"b")";
  EXPECT_THAT(to_prometheus(sample()),
              HasSubstr("# HELP " + name + " Duration.\n# TYPE " + name + " histogram\n" +  //
                        name + "_bucket" + labels + ",le=\"0.001\"} 1\n" +                  //
                        name + "_bucket" + labels + ",le=\"0.002\"} 4\n" +                  //
                        name + "_bucket" + labels + ",le=\"+Inf\"} 6\n" +                   //
                        name + "_sum" + labels + "} 0.5\n" +                                //
                        name + "_count" + labels + "} 6\n"));
}

TEST(Prometheus, Gauges) {
  const std::string text = to_prometheus(sample());
  EXPECT_THAT(text, HasSubstr("# TYPE weft_ready gauge\nweft_ready 1\n"));
  EXPECT_THAT(text, HasSubstr("weft_memory_bytes 1500000\n"));
  EXPECT_THAT(text, HasSubstr("weft_exporter_queue_spans{exporter=\"console\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("weft_hook_info{hook=\"send\",type=\"kprobe\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("weft_build_info{version=\"1.2.3\"} 1\n"));
}

}  // namespace
}  // namespace weft

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
  r.losses = {{"kernel", "ring_full", 3}, {"otlp_http", "queue_full", 0}};
  r.hooks = {{"send", "kprobe", "fentry: no BTF"}, {"receive", "fentry", ""}};
  r.processes = {{10, "shop", "/usr/bin/python3", std::string(64, 'a'), true, 5, {"http1"}},
                 {11, "bash", "/bin/bash", "", false, 0, {}},
                 {12, "très", "/usr/sbin/nginx", "", true, 50, {"http1", "http2"}}};
  r.protocols = {{"http1", 1000, 2}};
  r.exporters = {{"console", 1, 2048, 990, 4, "disk full"}};
  r.counters = {{"weft.spans.dropped", {{"exporter", "console"}, {"cause", "queue_full"}}, 4},
                {"weft.kernel.events", {}, 17},
                {"weft.spans.dropped", {{"exporter", "other"}, {"cause", "a\"b\\c\nd"}}, 5}};
  r.gauges = {{"weft.memory.bytes", {}, 1.5e6}};
  return r;
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
  EXPECT_EQ(b.hooks.at(0).reason, "fentry: no BTF");
  EXPECT_EQ(b.processes.at(2).service, "très");
  EXPECT_EQ(b.processes.at(2).protocols, (std::vector<std::string>{"http1", "http2"}));
  EXPECT_TRUE(b.processes.at(0).traced);
  EXPECT_EQ(b.processes.at(0).container, a.processes[0].container);
  EXPECT_EQ(b.protocols.at(0).errors, 2u);
  EXPECT_EQ(b.exporters.at(0).queued, 1u);
  EXPECT_EQ(b.exporters.at(0).last_error, "disk full");
  EXPECT_EQ(b.counters.at(2).value, 5u);
  EXPECT_EQ(b.gauges.at(0).value, 1.5e6);
  EXPECT_EQ(to_json(b), to_json(a));
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

TEST(StatusText, ProcessesByActivityAndColumnsAligned) {
  const std::string text = to_text(sample());
  EXPECT_LT(text.find("très"), text.find("shop"));
  EXPECT_THAT(text, HasSubstr("  12  très        50  http1 http2"));
  EXPECT_THAT(text,
              HasSubstr("  10  shop         5  http1        aaaaaaaaaaaa  /usr/bin/python3\n"));
  EXPECT_THAT(text, HasSubstr("and 1 process not traced"));
  EXPECT_THAT(text, Not(HasSubstr("/bin/bash")));
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

TEST(Prometheus, Gauges) {
  const std::string text = to_prometheus(sample());
  EXPECT_THAT(text, HasSubstr("# TYPE weft_ready gauge\nweft_ready 1\n"));
  EXPECT_THAT(text, HasSubstr("weft_memory_bytes 1500000\n"));
  EXPECT_THAT(text, HasSubstr("weft_exporter_queue_spans{exporter=\"console\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("weft_hook_info{hook=\"send\",rung=\"kprobe\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("weft_build_info{version=\"1.2.3\"} 1\n"));
}

}  // namespace
}  // namespace weft

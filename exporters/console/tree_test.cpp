// SPDX-License-Identifier: Apache-2.0
#include "exporters/console/tree.h"

#include <algorithm>
#include <cstdlib>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sstream>

#include "exporters/console/sample_trace.h"
#include "exporters/console/text.h"

namespace weft::console {
namespace {

using testing::HasSubstr;
using testing::Not;

struct Tree : testing::Test {
  Tree() {
    setenv("TZ", "UTC", 1);
    tzset();
  }
};

std::vector<std::string> lines(const std::string& text) {
  std::vector<std::string> out;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) out.push_back(line);
  return out;
}

TEST_F(Tree, WhatAPersonSeesAt80Columns) {
  EXPECT_EQ(draw(sample_trace(), {}, false), R"(
─ 22:13:20.120 ── 5 spans ───────────────────── 0af7651916cd43dd8448eb211c80319c
nginx GET /orders/7                             200 12.4 ms ████████████████████
└ shop GET /orders/7                 connection 200 11.9 ms ▐██████████████████▉
  ├ shop → GET 127.0.0.1:8081/stock/7    thread 200  3.2 ms     ▕█████▏
  │ └ stock GET /stock/7             connection 200  2.8 ms      ████▋
  └ shop → GET 127.0.0.1:8082/price/7    thread 503  4.4 ms            ▐██████▍
)" + 1);
}

TEST_F(Tree, TheOrderOfArrivalDoesNotMatter) {
  auto spans = sample_trace();
  const std::string expected = draw(spans, {}, false);
  std::ranges::reverse(spans);
  EXPECT_EQ(draw(spans, {}, false), expected);
}

TEST_F(Tree, EveryLineFitsWhateverTheWidth) {
  auto spans = sample_trace();
  for (uint64_t i = 6; i < 60; ++i) {  // and deep
    spans.push_back(sample({i, i - 1, "a-service-with-a-long-name", SpanKind::kServer,
                            "/a/rather/long/path/that/needs/cutting", 7000 + i, 9000}));
  }
  for (const size_t width : {20u, 60u, 80u, 81u, 120u, 200u}) {
    for (const std::string& line : lines(draw(spans, {.width = width}, false))) {
      EXPECT_LE(columns(line), std::max<size_t>(width, kMinWidth)) << line;
    }
  }
}

TEST_F(Tree, EverySpanIsDrawnOnce) {
  const auto a = SpanKind::kServer;
  const std::vector<SpanPtr> odd{
      sample({1, 0, "root", a, "/one", 0, 10}),      sample({1, 0, "pair", a, "/two", 1, 10}),
      sample({2, 99, "orphan", a, "/three", 2, 10}), sample({3, 4, "circle", a, "/four", 3, 10}),
      sample({4, 3, "circle", a, "/five", 4, 10}),   sample({5, 5, "self", a, "/six", 5, 10}),
  };
  const std::string text = draw(odd, {}, false);
  EXPECT_EQ(lines(text).size(), 1 + odd.size());
  for (const char* path : {"/one", "/two", "/three", "/four", "/five", "/six"}) {
    EXPECT_THAT(text, HasSubstr(path));
  }
  EXPECT_THAT(text, HasSubstr("\n⋯ orphan GET /three"));
}

TEST_F(Tree, SaysWhenATraceGoesOn) {
  EXPECT_THAT(draw(sample_trace(), {}, true), HasSubstr("5 spans more"));
}

TEST_F(Tree, FailureSaysWhyWhenTheStatusDoesNot) {
  auto span = std::make_shared<Span>(*sample({1, 0, "web", SpanKind::kClient, "http://h/", 0, 5}));
  span->attributes = {};
  span->name = "GET";
  span->status = StatusCode::kError;
  span->attributes.set(semconv::kErrorType, "connection_reset");
  const std::string text = draw({span}, {}, false);
  EXPECT_THAT(text, HasSubstr("web → GET connection_reset"));
  EXPECT_THAT(text, HasSubstr("ERR"));
}

TEST_F(Tree, AnArrowMarksWhatLeavesTheProcess) {
  for (const auto& [kind, marked] :
       {std::pair(SpanKind::kInternal, false), std::pair(SpanKind::kServer, false),
        std::pair(SpanKind::kClient, true), std::pair(SpanKind::kProducer, true),
        std::pair(SpanKind::kConsumer, false)}) {
    const std::string text = draw({sample({1, 0, "mail", kind, "/orders", 0, 5})}, {}, false);
    EXPECT_THAT(text, HasSubstr(marked ? "mail → GET" : "mail GET"));
  }
}

TEST_F(Tree, SaysWhatHappenedWithinAndWhatWasNotSeen) {
  auto spans = sample_trace();
  Span span = *spans[1];
  span.events.push_back({.time = span.start + 1'200'000, .name = "db.prepare"});
  span.attributes.set(semconv::kWeftOutcome, "unknown");
  spans[1] = std::make_shared<const Span>(span);
  const std::string drawn = draw(spans, {.width = 160}, false);
  EXPECT_THAT(drawn, HasSubstr(" outcome unknown db.prepare +1.2 ms "));
}

TEST_F(Tree, ColourMarksErrorsAndCanBeAbsent) {
  const std::string coloured = draw(sample_trace(), {.colour = true}, false);
  EXPECT_THAT(coloured, HasSubstr("\x1b[1;31mGET 127.0.0.1:8082/price/7\x1b[0m"));
  EXPECT_THAT(draw(sample_trace(), {}, false), Not(HasSubstr("\x1b")));
}

TEST_F(Tree, BytesFromTheNetworkCannotSteerTheTerminal) {
  const auto span = sample({1, 0, "we\x1b[31mb", SpanKind::kServer, "/\x1b]0;title\x07", 0, 5});
  EXPECT_THAT(draw({span}, {}, false), Not(HasSubstr("\x1b")));
}

}  // namespace
}  // namespace weft::console

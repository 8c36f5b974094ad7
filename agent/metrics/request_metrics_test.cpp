// SPDX-License-Identifier: Apache-2.0
#include "agent/metrics/request_metrics.h"

#include <array>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <map>

#include "agent/base/semconv.h"

namespace weft::metrics {
namespace {

Attributes resource(const std::string& service) {
  Attributes out;
  out.set(semconv::kServiceName, service);
  return out;
}

// Ten processes are one service.
RequestSample sample(uint32_t pid, weft_status status, uint64_t duration = 1'500) {
  static std::map<uint32_t, Attributes> resources;
  const auto known =
      resources.try_emplace(pid / 10, resource("service" + std::to_string(pid / 10)));
  return {.pid = pid,
          .resource = &known.first->second,
          .port = 80,
          .protocol = 1,
          .role = Role::kServer,
          .status = status,
          .duration = duration};
}

TEST(RequestMetrics, ProcessesOfAServiceShareASeries) {
  RequestMetrics metrics;
  metrics.request(sample(10, WEFT_STATUS_2XX));
  metrics.request(sample(11, WEFT_STATUS_2XX));
  metrics.request(sample(11, WEFT_STATUS_5XX));
  metrics.request(sample(20, WEFT_STATUS_2XX));
  ASSERT_EQ(metrics.series().size(), 3u);
  const auto first = metrics.series().begin();
  EXPECT_EQ(first->first.service, "service1");
  EXPECT_EQ(first->first.status, WEFT_STATUS_2XX);
  EXPECT_EQ(first->second.durations.count(), 2u);
  EXPECT_EQ(first->second.left_out, 0u);
}

TEST(RequestMetrics, WhatTheKernelSideCountedIsAdded) {
  RequestMetrics metrics;
  metrics.request(sample(10, WEFT_STATUS_2XX));
  std::array<uint64_t, WEFT_DURATION_BOUNDS + 1> counts{};
  counts[1] = 3;
  counts[WEFT_DURATION_BOUNDS] = 1;
  metrics.left_out(sample(10, WEFT_STATUS_2XX), counts, 1'000'000);
  ASSERT_EQ(metrics.series().size(), 1u);
  const RequestMetrics::Series& series = metrics.series().begin()->second;
  EXPECT_EQ(series.durations.count(), 5u);
  EXPECT_EQ(series.durations.sum(), 1'001'500u);
  EXPECT_EQ(series.durations.counts()[1], 4u);
  EXPECT_EQ(series.left_out, 4u);
}

TEST(RequestMetrics, AnotherProcessWithTheSamePidIsNamedAnew) {
  RequestMetrics metrics;
  metrics.request(sample(10, WEFT_STATUS_OK));
  const Attributes other = resource("other");
  RequestSample after = sample(10, WEFT_STATUS_OK);
  after.resource = &other;
  metrics.request(after);
  EXPECT_EQ(metrics.series().size(), 1u);
  metrics.forget(10);
  metrics.request(after);
  EXPECT_EQ(metrics.series().size(), 2u);
}

TEST(RequestMetrics, MemoryIsBounded) {
  RequestMetrics metrics;
  for (uint32_t pid = 0; pid < 20 * RequestMetrics::kMaxSeries; pid += 10) {
    metrics.request(sample(pid, WEFT_STATUS_OK));
  }
  EXPECT_EQ(metrics.series().size(), RequestMetrics::kMaxSeries + 1);
  EXPECT_EQ(metrics.series().at({.service = "_overflow"}).durations.count(),
            RequestMetrics::kMaxSeries);
}

}  // namespace
}  // namespace weft::metrics

// SPDX-License-Identifier: Apache-2.0
// Rate, errors and duration of requests: every one of a traced process, whether its trace is kept
// or not.
#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <unordered_map>

#include "agent/metrics/histogram.h"
#include "agent/port/request_meter.h"

namespace weft::metrics {

// Processes of one service share a series. Memory is bounded: beyond kMaxSeries everything is
// counted in the series of the service "_overflow". One thread.
class RequestMetrics final : public RequestMeter {
 public:
  static constexpr size_t kMaxSeries = 1000;
  static constexpr size_t kMaxRoutes = 1024;  // beyond: the cache is cleared

  struct Identity {
    std::string service;
    uint16_t port = 0;
    uint8_t protocol = 0;
    Role role = Role::kServer;
    weft_status status = WEFT_STATUS_NONE;
    auto operator<=>(const Identity&) const = default;
  };
  struct Series {
    Histogram durations{kDurations};
    uint64_t left_out = 0;  // of them, requests that the kernel side counted only
  };
  void request(const RequestSample& sample) override;
  // Requests that were left out, as the kernel side counted them: in the buckets of kDurations.
  void left_out(const RequestSample& of, std::span<const uint64_t> counts, uint64_t sum);
  // The process ended, or executes another program.
  void forget(uint32_t pid);

  const std::map<Identity, Series>& series() const { return series_; }

 private:
  struct Route {
    uint32_t pid;
    uint16_t port;
    uint8_t protocol;
    Role role;
    weft_status status;
    bool operator==(const Route&) const = default;
  };
  struct Hash {
    size_t operator()(const Route& route) const;
  };
  Series& series_of(const RequestSample& sample);

  std::map<Identity, Series> series_;
  std::unordered_map<Route, Series*, Hash> routes_;  // a cache
};

}  // namespace weft::metrics

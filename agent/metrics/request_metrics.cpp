// SPDX-License-Identifier: Apache-2.0
#include "agent/metrics/request_metrics.h"

#include <numeric>

#include "agent/base/semconv.h"
#include "agent/base/utf8.h"

namespace weft::metrics {

size_t RequestMetrics::Hash::operator()(const Route& route) const {
  const uint64_t rest = uint64_t{route.port} << 24 | uint64_t{route.protocol} << 8 |
                        uint64_t{route.role == Role::kClient} << 4 | route.status;
  return (uint64_t{route.pid} << 40 ^ rest) * 0x9e3779b97f4a7c15u >> 16;
}

RequestMetrics::Series& RequestMetrics::series_of(const RequestSample& sample) {
  const Route route{sample.pid, sample.port, sample.protocol, sample.role, sample.status};
  if (const auto known = routes_.find(route); known != routes_.end()) return *known->second;
  Identity identity{to_utf8(sample.resource->text(semconv::kServiceName)), sample.port,
                    sample.protocol, sample.role, sample.status};
  if (series_.size() >= kMaxSeries && !series_.contains(identity)) {
    identity = {.service = "_overflow"};
  }
  if (routes_.size() >= kMaxRoutes) routes_.clear();
  return *(routes_[route] = &series_[std::move(identity)]);
}

void RequestMetrics::request(const RequestSample& sample) {
  series_of(sample).durations.observe(sample.duration);
}

void RequestMetrics::left_out(const RequestSample& of, std::span<const uint64_t> counts,
                              uint64_t sum) {
  Series& series = series_of(of);
  series.durations.add(counts, sum);
  series.left_out += std::accumulate(counts.begin(), counts.end(), uint64_t{0});
}

void RequestMetrics::forget(uint32_t pid) {
  std::erase_if(routes_, [pid](const auto& entry) { return entry.first.pid == pid; });
}

}  // namespace weft::metrics

// SPDX-License-Identifier: Apache-2.0
#include "agent/admin/request_rows.h"

#include <array>
#include <utility>

#include "agent/admin/histogram_row.h"

namespace weft {
namespace {

using metrics::RequestMetrics;

constexpr std::array<const char*, WEFT_STATUSES> kStatuses = {"none", "1xx", "2xx", "3xx",
                                                              "4xx",  "5xx", "ok",  "error"};

std::vector<CounterSet::Label> labels_of(const RequestMetrics::Identity& identity,
                                         std::string_view protocol) {
  return {{"service.name", identity.service},
          {"server.port", std::to_string(identity.port)},
          {"network.protocol.name", std::string(protocol)},
          {"span.kind", identity.role == Role::kServer ? "server" : "client"},
          {"status", kStatuses[identity.status]}};
}

}  // namespace

void add_requests(const RequestMetrics& metrics,
                  const std::function<std::string_view(uint8_t protocol)>& name_of,
                  StatusReport& report) {
  for (const auto& [identity, series] : metrics.series()) {
    StatusReport::Histogram durations = histogram_row(series.durations, kNanoseconds);
    durations.name = "weft.request.duration_seconds";
    durations.help = "Duration of requests, of kept traces and of others.";
    durations.labels = labels_of(identity, name_of(identity.protocol));
    if (series.left_out > 0) {
      report.counters.push_back({"weft.request.left_out", durations.labels, series.left_out});
    }
    report.histograms.push_back(std::move(durations));
  }
}

}  // namespace weft

// SPDX-License-Identifier: Apache-2.0
#include <nlohmann/json.hpp>

#include "agent/admin/counter_table.h"
#include "agent/admin/probe_rows.h"
#include "agent/admin/status.h"

namespace weft {
namespace {

using Json = nlohmann::json;

Json labels_json(const std::vector<CounterSet::Label>& labels) {
  Json out = Json::object();
  for (const auto& label : labels) out[label.name] = label.value;
  return out;
}

std::vector<CounterSet::Label> labels_from(const Json& json) {
  std::vector<CounterSet::Label> out;
  for (const auto& [name, value] : json.items()) out.push_back({name, value.get<std::string>()});
  return out;
}

// The member called `name`, or an empty list when absent.
const Json& list_of(const Json& json, const char* name) {
  static const Json kNone = Json::array();
  const auto it = json.find(name);
  return it == json.end() ? kNone : *it;
}

template <class Row, class Read>
std::vector<Row> rows(const Json& json, const char* name, Read read) {
  std::vector<Row> out;
  for (const Json& item : list_of(json, name)) out.push_back(read(item));
  return out;
}

template <class Row, class Write>
Json rows_json(const std::vector<Row>& rows, Write write) {
  Json out = Json::array();
  for (const Row& row : rows) out.push_back(write(row));
  return out;
}

StatusReport::Hook hook_from(const Json& j) {
  return {j.value("hook", ""), j.value("type", ""), j.value("reason", "")};
}

StatusReport::ProcessRow process_from(const Json& j) {
  return {j.value("pid", 0u),
          j.value("service", ""),
          j.value("exe", ""),
          j.value("container", ""),
          j.value("traced", false),
          j.value("spans", uint64_t{0}),
          j.value("protocols", std::vector<std::string>())};
}

StatusReport::ProtocolRow protocol_from(const Json& j) {
  return {j.value("name", ""), j.value("exchanges", uint64_t{0}), j.value("errors", uint64_t{0})};
}

StatusReport::ExporterRow exporter_from(const Json& j) {
  return {j.value("name", ""),
          j.value("queued", uint64_t{0}),
          j.value("capacity", uint64_t{0}),
          j.value("sent", uint64_t{0}),
          j.value("dropped", uint64_t{0}),
          j.value("last_error", ""),
          j.value("stored", uint64_t{0}),
          j.value("stored_bytes", uint64_t{0}),
          j.value("last_success", uint64_t{0})};
}

StatusReport::Tally tally_from(const Json& j) {
  return {j.value("where", ""), j.value("cause", ""), j.value("count", uint64_t{0}),
          j.value("kind", "")};
}

Json tally_json(const StatusReport::Tally& r) {
  return {{"where", r.where}, {"cause", r.cause}, {"count", r.count}, {"kind", r.kind}};
}

Json counter_json(const CounterSet::Sample& r) {
  const CounterRow* row = find_counter(r);
  return {{"name", r.name},
          {"labels", labels_json(r.labels)},
          {"value", r.value},
          {"kind", row ? kind_name(row->kind) : ""}};
}

CounterSet::Sample counter_from(const Json& j) {
  return {j.value("name", ""), labels_from(j.value("labels", Json::object())),
          j.value("value", uint64_t{0})};
}

StatusReport::Gauge gauge_from(const Json& j) {
  return {j.value("name", ""), labels_from(j.value("labels", Json::object())),
          j.value("value", 0.0)};
}

StatusReport::Histogram histogram_from(const Json& j) {
  StatusReport::Histogram out{j.value("name", ""),
                              j.value("help", ""),
                              labels_from(j.value("labels", Json::object())),
                              j.value("bounds", std::vector<double>()),
                              j.value("counts", std::vector<uint64_t>()),
                              j.value("sum", 0.0)};
  out.counts.resize(out.bounds.size() + 1);
  return out;
}

StatusReport report_from(const Json& j) {
  StatusReport out;
  out.version = j.at("version").get<std::string>();  // throws unless it is a report
  out.pid = j.value("pid", 0u);
  out.uptime_seconds = j.value("uptime_seconds", 0.0);
  out.ready = j.value("ready", false);
  out.connections = j.value("connections", uint64_t{0});
  out.seen = j.value("seen", uint64_t{0});
  out.emitted = j.value("emitted", uint64_t{0});
  out.losses = rows<StatusReport::Tally>(j, "losses", tally_from);
  out.left_out = rows<StatusReport::Tally>(j, "left_out", tally_from);
  out.hooks = rows<StatusReport::Hook>(j, "hooks", hook_from);
  out.probes = rows<StatusReport::ProbeRow>(j, "probes", probe_from_json);
  out.processes = rows<StatusReport::ProcessRow>(j, "processes", process_from);
  out.protocols = rows<StatusReport::ProtocolRow>(j, "protocols", protocol_from);
  out.exporters = rows<StatusReport::ExporterRow>(j, "exporters", exporter_from);
  out.counters = rows<CounterSet::Sample>(j, "counters", counter_from);
  out.gauges = rows<StatusReport::Gauge>(j, "gauges", gauge_from);
  out.histograms = rows<StatusReport::Histogram>(j, "histograms", histogram_from);
  return out;
}

}  // namespace

std::string to_json(const StatusReport& report) {
  Json out = {
      {"version", report.version},
      {"pid", report.pid},
      {"uptime_seconds", report.uptime_seconds},
      {"ready", report.ready},
      {"connections", report.connections},
      {"seen", report.seen},
      {"emitted", report.emitted},
  };
  out["losses"] = rows_json(report.losses, tally_json);
  out["left_out"] = rows_json(report.left_out, tally_json);
  out["hooks"] = rows_json(report.hooks, [](const auto& r) {
    return Json{{"hook", r.hook}, {"type", r.type}, {"reason", r.reason}};
  });
  out["probes"] = rows_json(report.probes, probe_json);
  out["processes"] = rows_json(report.processes, [](const auto& r) {
    return Json{{"pid", r.pid},
                {"service", r.service},
                {"exe", r.exe},
                {"traced", r.traced},
                {"spans", r.spans},
                {"container", r.container},
                {"protocols", r.protocols}};
  });
  out["protocols"] = rows_json(report.protocols, [](const auto& r) {
    return Json{{"name", r.name}, {"exchanges", r.exchanges}, {"errors", r.errors}};
  });
  out["exporters"] = rows_json(report.exporters, [](const auto& r) {
    return Json{{"name", r.name},
                {"queued", r.queued},
                {"capacity", r.capacity},
                {"sent", r.sent},
                {"dropped", r.dropped},
                {"last_error", r.last_error},
                {"stored", r.stored},
                {"stored_bytes", r.stored_bytes},
                {"last_success", r.last_success}};
  });
  out["counters"] = rows_json(report.counters, counter_json);
  out["gauges"] = rows_json(report.gauges, [](const auto& r) {
    return Json{{"name", r.name}, {"labels", labels_json(r.labels)}, {"value", r.value}};
  });
  out["histograms"] = rows_json(report.histograms, [](const auto& r) {
    return Json{{"name", r.name},     {"help", r.help},     {"labels", labels_json(r.labels)},
                {"bounds", r.bounds}, {"counts", r.counts}, {"sum", r.sum}};
  });
  // A path may hold any bytes: replace what is not UTF-8 instead of failing.
  return out.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Result<StatusReport> status_from_json(std::string_view json) {
  // The JSON library reports errors by exceptions; they end here.
  try {
    return report_from(Json::parse(json));
  } catch (const Json::exception&) {
    return fail(ExitCode::kUnreachable, "the answer is not a report of weft's");
  }
}

}  // namespace weft

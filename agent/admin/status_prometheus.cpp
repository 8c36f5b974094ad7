// SPDX-License-Identifier: Apache-2.0
// Prometheus text format 0.0.4: each family together, with its TYPE; counters and histograms with
// their HELP.
#include <array>
#include <charconv>
#include <map>

#include "agent/admin/counter_table.h"
#include "agent/admin/status.h"

namespace weft {
namespace {

using Labels = std::vector<CounterSet::Label>;

bool is_name_char(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

std::string metric_name(std::string_view name) {
  std::string out;
  if (name.empty() || (name.front() >= '0' && name.front() <= '9')) out = "_";
  for (const char c : name) out += is_name_char(c) ? c : '_';
  return out;
}

std::string escaped(std::string_view value) {
  std::string out;
  for (const char c : value) {
    if (c == '\\' || c == '"') out += '\\';
    out += c == '\n' ? std::string("\\n") : std::string(1, c);
  }
  return out;
}

std::string label_block(const Labels& labels) {
  std::string out;
  for (const auto& label : labels) {
    out +=
        (out.empty() ? "{" : ",") + metric_name(label.name) + "=\"" + escaped(label.value) + "\"";
  }
  return out.empty() ? out : out + "}";
}

std::string number(double value) {
  char buffer[64];
  const auto result = std::to_chars(buffer, buffer + sizeof buffer, value);
  return {buffer, result.ptr};
}

class Families {
 public:
  void counter(std::string_view name, const Labels& labels, uint64_t value) {
    const std::string total = metric_name(name) + "_total";
    add(total, "counter", labels, std::to_string(value));
    families_[total].help = counter_help(name);
  }
  void gauge(std::string_view name, const Labels& labels, double value) {
    add(metric_name(name), "gauge", labels, number(value));
  }
  void histogram(const StatusReport::Histogram& of) {
    const std::string name = metric_name(of.name);
    Family& family = families_[name];
    family.type = "histogram";
    family.help = of.help;
    Labels labels = of.labels;
    labels.push_back({"le", ""});
    uint64_t below = 0;
    for (size_t i = 0; i < of.counts.size(); ++i) {
      below += of.counts[i];
      labels.back().value = i < of.bounds.size() ? number(of.bounds[i]) : "+Inf";
      family.line(name + "_bucket", labels, std::to_string(below));
    }
    family.line(name + "_sum", of.labels, number(of.sum));
    family.line(name + "_count", of.labels, std::to_string(below));
  }
  std::string text() const {
    std::string out;
    for (const auto& [name, family] : families_) {
      if (!family.help.empty()) out += "# HELP " + name + " " + family.help + "\n";
      out += "# TYPE " + name + " " + family.type + "\n" + family.lines;
    }
    return out;
  }

 private:
  struct Family {
    void line(const std::string& name, const Labels& labels, const std::string& value) {
      lines += name + label_block(labels) + " " + value + "\n";
    }
    std::string type;
    std::string help;
    std::string lines;
  };
  void add(const std::string& name, const char* type, const Labels& labels,
           const std::string& value) {
    Family& family = families_[name];
    family.type = type;
    family.line(name, labels, value);
  }
  std::map<std::string, Family> families_;
};

// Copies of a binary in different containers may have the same path: they share a series. A
// function that is no longer probed keeps its series.
void add_probes(const std::vector<StatusReport::ProbeRow>& probes, Families& out) {
  std::map<std::array<std::string, 3>, uint64_t> hits;
  for (const auto& r : probes) {
    if (r.kind == "engine" && (r.probed || r.hits.value_or(0) > 0))
      hits[{r.target, r.binary, r.probe}] += r.hits.value_or(0);
  }
  for (const auto& [probe, count] : hits) {
    out.counter("weft.engine.probe.hits",
                {{"engine", probe[0]}, {"binary", probe[1]}, {"probe", probe[2]}}, count);
  }
}

}  // namespace

std::string to_prometheus(const StatusReport& report) {
  Families out;
  out.gauge("weft_build_info", {{"version", report.version}}, 1);
  out.gauge("weft_uptime_seconds", {}, report.uptime_seconds);
  out.gauge("weft_ready", {}, report.ready ? 1 : 0);
  out.gauge("weft_connections", {}, static_cast<double>(report.connections));
  out.gauge("weft_processes", {}, static_cast<double>(report.processes.size()));
  for (const auto& hook : report.hooks) {
    out.gauge("weft_hook_info", {{"hook", hook.hook}, {"type", hook.type}}, 1);
  }
  for (const auto& exporter : report.exporters) {
    const Labels labels{{"exporter", exporter.name}};
    out.gauge("weft_exporter_queue_spans", labels, static_cast<double>(exporter.queued));
    out.gauge("weft_exporter_queue_capacity", labels, static_cast<double>(exporter.capacity));
    out.gauge("weft_exporter_disk_queue_spans", labels, static_cast<double>(exporter.stored));
    out.gauge("weft_exporter_disk_queue_bytes", labels, static_cast<double>(exporter.stored_bytes));
    out.gauge("weft_exporter_last_success_seconds", labels,
              static_cast<double>(exporter.last_success));
  }
  add_probes(report.probes, out);
  for (const auto& gauge : report.gauges) out.gauge(gauge.name, gauge.labels, gauge.value);
  for (const auto& counter : report.counters) {
    out.counter(counter.name, counter.labels, counter.value);
  }
  for (const auto& histogram : report.histograms) out.histogram(histogram);
  return out.text();
}

}  // namespace weft

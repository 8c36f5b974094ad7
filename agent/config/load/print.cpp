// SPDX-License-Identifier: Apache-2.0
#include "agent/config/load/print.h"

#include <charconv>
#include <cmath>

#include "agent/base/secret_name.h"
#include "agent/base/semconv.h"
#include "agent/config/exporter_options.h"
#include "agent/config/load/file.h"
#include "agent/config/text.h"

namespace weft {
namespace {

// Double-quotes the text, so that no value changes its type; doubles "$", so that none is a
// reference.
std::string quote(std::string_view text) {
  static constexpr char kHex[] = "0123456789ABCDEF";
  std::string out = "\"";
  for (const char c : text) {
    const auto byte = static_cast<uint8_t>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (c == '$') {
      out += "$$";
    } else if (byte < 0x20 || byte == 0x7f) {
      out += "\\x";
      out += kHex[byte >> 4];
      out += kHex[byte & 15];
    } else {
      out += c;
    }
  }
  return out + "\"";
}

std::string number(double value) {
  char buffer[64];
  const auto [end, error] = std::to_chars(buffer, buffer + sizeof buffer, value);
  return {buffer, end};
}

// Indented lines of "key: value".
class Writer {
 public:
  void line(std::string_view text) { out_ += std::string(depth_, ' ') + std::string(text) + "\n"; }
  void value(std::string_view key, std::string_view raw) {
    line(std::string(key) + ": " + std::string(raw));
  }
  void text(std::string_view key, std::string_view raw) { value(key, quote(raw)); }
  void count(std::string_view key, uint64_t n) { value(key, std::to_string(n)); }
  void flag(std::string_view key, bool on) { value(key, on ? "true" : "false"); }
  void list(std::string_view key, const std::vector<std::string>& items) {
    std::string out;
    for (const std::string& item : items) out += (out.empty() ? "" : ", ") + quote(item);
    value(key, "[" + out + "]");
  }
  template <class T>
  void numbers(std::string_view key, const std::vector<T>& items) {
    std::string out;
    for (const T item : items) out += (out.empty() ? "" : ", ") + std::to_string(item);
    value(key, "[" + out + "]");
  }
  void open(std::string_view key) {
    line(std::string(key) + ":");
    depth_ += 2;
  }
  // A list item whose first line is `key:`; what follows belongs below that key.
  void open_item(std::string_view key) {
    line("- " + std::string(key) + ":");
    depth_ += 4;
  }
  void close(size_t by = 2) { depth_ -= by; }
  void close_item() { close(4); }
  std::string take() { return std::move(out_); }

 private:
  std::string out_;
  size_t depth_ = 0;
};

struct TypedValue {
  std::string_view type;
  std::string text;
};

TypedValue typed(const Value& value) {
  if (const auto* text = std::get_if<std::string>(&value)) return {"string", quote(*text)};
  if (const auto* flag = std::get_if<bool>(&value)) return {"bool", *flag ? "true" : "false"};
  if (const auto* integer = std::get_if<int64_t>(&value)) return {"int", std::to_string(*integer)};
  if (const auto* real = std::get_if<double>(&value)) return {"double", number(*real)};
  std::string list;
  for (const std::string& item : std::get<std::vector<std::string>>(value)) {
    list += (list.empty() ? "" : ", ") + quote(item);
  }
  return {"string_array", "[" + list + "]"};
}

void write_resource(Writer& out, const Config& config) {
  if (config.resource.empty() && config.service_name.empty()) return;
  out.open("resource");
  out.open("attributes");
  const auto attribute = [&](std::string_view name, const TypedValue& value) {
    out.line("- {name: " + quote(name) + ", type: " + std::string(value.type) +
             ", value: " + value.text + "}");
  };
  if (!config.service_name.empty()) {
    attribute(semconv::kServiceName.text(), {"string", quote(config.service_name)});
  }
  for (const Attribute& a : config.resource) attribute(a.key.text(), typed(a.value));
  out.close(4);
}

void write_options(Writer& out, const ExporterConfig& exporter, const ExporterKind* kind,
                   bool show_secrets) {
  std::string group;
  const auto enter = [&](const std::string& next) {
    if (group == next) return;
    if (!group.empty()) out.close();
    if (!next.empty()) out.open(next);
    group = next;
  };
  for (const auto& [key, value] : exporter.settings.values) {  // sorted: groups are together
    const size_t dot = key.find('.');
    enter(dot == std::string::npos ? "" : key.substr(0, dot));
    const ExporterOption* option = kind ? find_option(*kind, key) : nullptr;
    const bool raw =
        option && (option->type == OptionType::kInteger ||
                   option->type == OptionType::kMilliseconds || option->type == OptionType::kBool);
    const bool hide = !show_secrets && option && option->secret;
    const std::string shown_value = hide           ? "***"
                                    : show_secrets ? value
                                                   : without_credentials(value);
    const std::string name = dot == std::string::npos ? key : key.substr(dot + 1);
    out.value(name, raw ? shown_value : quote(shown_value));
  }
  enter("");
  for (const ExporterOption& option : kind ? kind->options : std::span<const ExporterOption>()) {
    if (option.fallback.empty() || exporter.settings.values.contains(option.key)) continue;
    out.line("# " + std::string(option.key) + ": " + std::string(option.fallback));
  }
}

void write_headers(Writer& out, const ExporterSettings& settings, bool show_secrets) {
  if (settings.headers.empty()) return;
  out.open("headers");
  for (const auto& [name, value] : settings.headers) {
    const bool hide = !show_secrets && may_be_secret(name);
    out.line("- {name: " + quote(name) + ", value: " + quote(hide ? "***" : value) + "}");
  }
  out.close();
}

void write_exporter(Writer& out, const ExporterConfig& exporter,
                    std::span<const ExporterKind> kinds, bool show_secrets) {
  out.open_item("batch");
  out.count("schedule_delay", static_cast<uint64_t>(exporter.batch.schedule_delay.count()));
  out.count("export_timeout", static_cast<uint64_t>(exporter.batch.export_timeout.count()));
  out.count("max_queue_size", exporter.batch.max_queue_size);
  out.count("max_export_batch_size", exporter.batch.max_export_batch_size);
  out.open("exporter");
  out.open(exporter.kind);
  write_options(out, exporter, find_kind(kinds, exporter.kind), show_secrets);
  write_headers(out, exporter.settings, show_secrets);
  out.close(4);
  out.close_item();
}

void write_limits(Writer& out, const SpanLimits& limits) {
  out.open("limits");
  out.count("attribute_count_limit", limits.attribute_count);
  if (limits.attribute_value_length != UINT32_MAX) {  // no limit: omitted
    out.count("attribute_value_length_limit", limits.attribute_value_length);
  }
  out.count("event_count_limit", limits.event_count);
  out.count("link_count_limit", limits.link_count);
  out.count("event_attribute_count_limit", limits.event_attribute_count);
  out.count("link_attribute_count_limit", limits.link_attribute_count);
  out.close();
}

void write_sampler(Writer& out, const SamplerConfig& sampler) {
  const std::string root = "{trace_id_ratio_based: {ratio: " + number(sampler.ratio) + "}}";
  out.value("sampler", sampler.parent_based ? "{parent_based: {root: " + root + "}}" : root);
}

void write_tracer_provider(Writer& out, const Config& config, std::span<const ExporterKind> kinds,
                           bool show_secrets) {
  out.open("tracer_provider");
  if (config.exporters.empty()) {
    out.line("processors: []");
  } else {
    out.open("processors");
    for (const ExporterConfig& e : config.exporters) write_exporter(out, e, kinds, show_secrets);
    out.close();
  }
  write_limits(out, config.limits);
  write_sampler(out, config.sampler);
  out.close();
}

void write_side(Writer& out, std::string_view side, const CaptureOptions& capture) {
  out.open(side);
  // printed even if empty: the default is not empty
  out.list("request_captured_headers", capture.request_headers);
  if (!capture.response_headers.empty()) {  // the format's schema forbids empty lists
    out.list("response_captured_headers", capture.response_headers);
  }
  out.list("known_methods", capture.known_methods);
  out.close();
}

void write_semconv(Writer& out, bool old_names) {
  out.value("semconv", old_names ? "{dual_emit: true}" : "{dual_emit: false}");
}

void write_instrumentation(Writer& out, const Config& config) {
  out.open("instrumentation/development");
  out.open("general");
  out.open("db");
  write_semconv(out, config.old_names.database);
  out.close();
  out.open("http");
  write_semconv(out, config.old_names.http);
  write_side(out, "server", *config.server_capture);
  write_side(out, "client", *config.client_capture);
  out.close();
  out.open("sanitization");
  out.open("url");
  out.list("sensitive_query_parameters", config.server_capture->sensitive_query_keys);
  out.close(8);
}

void write_budget(Writer& out, const BudgetConfig& budget) {
  if (!budget.enabled) return out.value("budget", "off");
  out.open("budget");
  out.value("cpu", number(budget.cpu * 100) + "%");
  out.count("spans_per_second", static_cast<uint64_t>(budget.spans_per_second));
  out.close();
}

void write_weft(Writer& out, const Config& config) {
  out.open("distribution");
  out.open("weft");
  out.flag("peer_service", config.old_names.peer_service);
  out.value("existing_instrumentation",
            kInstrumentationNames[static_cast<size_t>(config.existing_instrumentation)]);
  write_budget(out, config.budget);
  out.open("targets");
  out.numbers("pids", config.targets.pids);
  out.list("exes", config.targets.exes);
  out.numbers("ports", config.targets.ports);
  out.list("containers", config.targets.containers);
  out.list("cgroups", config.targets.cgroups);
  out.list("exclude", config.targets.exclude);
  out.close();
  out.open("kernel");
  out.value("hooks", kHookTypeNames[static_cast<size_t>(config.kernel.hooks)]);
  out.count("head_cap_request", config.kernel.head_cap_request);
  out.count("head_cap_response", config.kernel.head_cap_response);
  out.count("ring_bytes", config.kernel.ring_bytes);
  out.count("connections", config.kernel.connections);
  out.close();
  out.open("storage");
  out.flag("enabled", config.storage.enabled);
  out.flag("records", config.storage.records);
  out.list("files", config.storage.files);
  out.list("entries", config.storage.entries);
  out.close();
  out.open("disk_queue");
  out.text("directory", config.disk_queue.directory);
  out.count("max_bytes", config.disk_queue.max_bytes);
  out.count("max_age", static_cast<uint64_t>(config.disk_queue.max_age.count()));
  out.value("sync", kDiskSyncNames[static_cast<size_t>(config.disk_queue.sync)]);
  out.close();
  out.open("admin");
  out.text("host", config.admin_host);
  out.count("port", config.admin_port);
  out.close(6);
}

}  // namespace

std::string to_yaml(const Config& config, std::span<const ExporterKind> kinds, bool show_secrets) {
  Writer out;
  out.line("# from " + quote(config.source));
  out.line("file_format: \"1.1\"");
  out.flag("disabled", config.disabled);
  out.value("log_level", config.log_level == "critical" ? "fatal" : config.log_level);
  write_resource(out, config);
  write_tracer_provider(out, config, kinds, show_secrets);
  write_instrumentation(out, config);
  write_weft(out, config);
  return out.take();
}

}  // namespace weft

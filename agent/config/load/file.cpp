// SPDX-License-Identifier: Apache-2.0
#include "agent/config/load/file.h"

#include "agent/base/semconv.h"
#include "agent/config/environment.h"
#include "agent/config/text.h"

namespace weft {
namespace {

constexpr std::string_view kNoUse = "accepted, without effect on a tracing agent";

// "1.MINOR"; a newer minor version may have keys that we do not know.
void read_format(Section& root, Findings& findings) {
  constexpr std::string_view kKey = "file_format";
  constexpr uint32_t kMinor = 1;
  const YamlNode* node = root.find(kKey);
  if (!node) {
    findings.error(root.line(), kKey, "found nothing, expected \"1.1\"");
    return;
  }
  const auto minor = node->text.starts_with("1.")
                         ? parse_integer<uint32_t>(std::string_view(node->text).substr(2))
                         : std::nullopt;
  if (!minor) return root.wrong(kKey, *node, "\"1.1\"");
  findings.newer = *minor > kMinor;
  if (findings.newer) {
    findings.warning(node->line, kKey, "newer than 1.1; keys that weft does not know are ignored");
  }
}

void read_log_level(Section& root, Config& config) {
  constexpr std::string_view kKey = "log_level";
  const YamlNode* node = root.find(kKey);
  if (!node) return;
  const std::string level = normalised_log_level(node->text);
  if (level.empty())
    return root.wrong(kKey, *node, "trace, debug, info, warn, error, fatal or off");
  config.log_level = level;
}

// The general limits, which tracer_provider.limits then overrides.
void read_attribute_limits(Section limits, SpanLimits& out) {
  limits.read("attribute_count_limit", out.attribute_count);
  limits.read("attribute_value_length_limit", out.attribute_value_length);
  limits.finish();
}

// The value, converted as `type` says; none if it has another type.
std::optional<Value> typed_value(const YamlNode& node, std::string_view type) {
  if (type == "string" && node.kind == YamlNode::Kind::kScalar) return node.text;
  if (type == "bool") return as_bool(node).transform([](bool v) { return Value(v); });
  if (type == "int") return as_integer(node).transform([](int64_t v) { return Value(v); });
  if (type == "double") return as_number(node).transform([](double v) { return Value(v); });
  if (type != "string_array" || node.kind != YamlNode::Kind::kSequence) return std::nullopt;
  std::vector<std::string> texts;
  for (const YamlNode& item : node.items) {
    if (item.kind != YamlNode::Kind::kScalar) return std::nullopt;
    texts.push_back(item.text);
  }
  return texts;
}

void read_attribute(Section pair, Config& config) {
  constexpr std::string_view kTypes[] = {"string", "bool", "int", "double", "string_array"};
  std::string name;
  pair.read("name", name);
  const auto type = pair.choice("type", kTypes);
  const bool type_fault = pair.find("type") && !type;
  if (pair.present() && name.empty()) {
    pair.findings().error(pair.line(), pair.path_of("name"), "found nothing, expected a name");
  }
  const std::string_view wanted = kTypes[type.value_or(0)];
  const YamlNode* node = pair.find("value");  // null: the entry is ignored
  if (node && !name.empty() && !type_fault) {
    if (auto value = typed_value(*node, wanted)) {
      set_resource_attribute(config, name, std::move(*value));
    } else {
      pair.wrong("value", *node, "a value of type " + std::string(wanted));
    }
  }
  pair.finish();
}

void read_resource(Section resource, Config& config) {
  std::string list;
  resource.read("attributes_list", list);
  if (const auto pairs = parse_resource_attributes(list)) {
    for (const auto& [key, value] : *pairs) set_resource_attribute(config, key, Value(value));
  } else {
    // As for the variable of the same format: the whole list is discarded, the rest of the file is
    // not.
    resource.findings().warning(resource.line(), resource.path_of("attributes_list"),
                                pairs.error().message + "; the whole list is ignored");
  }
  for (const auto& [path, item] : resource.list("attributes")) {
    read_attribute(Section(resource.findings(), item, path), config);
  }
  resource.ignore("detection/development",
                  "accepted; weft detects every process's resource itself");
  std::string schema;
  resource.read("schema_url", schema);
  resource.finish();
}

void read_propagator(Section propagator) {
  std::vector<std::pair<std::string, int>> names;
  for (const auto& [path, item] : propagator.list("composite")) {
    Section choice(propagator.findings(), item, path);
    if (const auto* entry = choice.only_entry("one propagator")) {
      names.emplace_back(entry->key, entry->line);
    }
  }
  std::string list;
  propagator.read("composite_list", list);
  for (const std::string& name : split_list(list)) names.emplace_back(name, propagator.line());
  for (const auto& [name, line] : names) {
    if (name == "tracecontext" || name == "baggage" || name == "none") continue;
    propagator.findings().warning(
        line, propagator.path(), shown(name) + " has no effect: weft reads W3C trace context only");
  }
  propagator.finish();
}

void read_distribution(Section distribution, Config& config) {
  const YamlNode* weft = distribution.find("weft");
  if (weft) read_weft(Section(distribution.findings(), weft, "distribution.weft"), config);
  distribution.others("belongs to another distribution; ignored");
}

}  // namespace

void read_document(const YamlNode& tree, std::span<const ExporterKind> kinds, Config& config,
                   Findings& findings) {
  Section root(findings, &tree, "");
  if (!root.present()) {
    if (findings.errors.empty())
      findings.error(1, "file_format", "found nothing, expected \"1.1\"");
    return;
  }
  read_format(root, findings);
  root.read("disabled", config.disabled);
  read_log_level(root, config);
  read_attribute_limits(root.section("attribute_limits"), config.limits);
  read_resource(root.section("resource"), config);
  read_propagator(root.section("propagator"));
  read_tracer_provider(root.section("tracer_provider"), kinds, config);
  read_instrumentation(root.section("instrumentation/development"), config);
  read_distribution(root.section("distribution"), config);
  root.ignore("meter_provider", kNoUse);
  root.ignore("logger_provider", kNoUse);
  root.others("unknown; ignored");
}

}  // namespace weft

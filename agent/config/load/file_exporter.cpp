// SPDX-License-Identifier: Apache-2.0
// One exporter of the declarative file, checked against its kind's option table.
#include <map>
#include <optional>

#include "agent/config/exporter_options.h"
#include "agent/config/load/file.h"
#include "agent/config/text.h"

namespace weft {
namespace {

// The value as the exporter reads it: numbers in decimal, flags in lower case.
std::string plain_text(const ExporterOption& option, const YamlNode& node) {
  if (option.type == OptionType::kBool) {
    const auto flag = as_bool(node);
    return !flag ? "" : *flag ? "true" : "false";
  }
  if (option.type == OptionType::kInteger || option.type == OptionType::kMilliseconds) {
    const auto number = as_integer(node);
    return number ? std::to_string(*number) : "";
  }
  return node.text;
}

void read_option(Section& section, std::string_view key, const ExporterOption& option,
                 ExporterSettings& settings, std::optional<bool> insecure) {
  const YamlNode* node = section.find(key);
  if (!node) return;
  if (node->kind != YamlNode::Kind::kScalar) return section.wrong(key, *node, "text or a number");
  std::string value = plain_text(option, *node);
  if (option.type == OptionType::kUrl && insecure) value = with_scheme(value, *insecure);
  const std::string expected = expected_instead(option, value);
  if (!expected.empty()) return section.wrong(key, *node, expected);
  settings.values.insert_or_assign(std::string(option.key), std::move(value));
}

void put_header(ExporterSettings& settings, std::string name, std::string value) {
  for (auto& [known, old] : settings.headers) {
    if (lower(known) == lower(name)) {
      old = std::move(value);
      return;
    }
  }
  settings.headers.emplace_back(std::move(name), std::move(value));
}

void read_header(Section pair, ExporterSettings& settings) {
  std::string name;
  std::string value;
  pair.read("name", name);
  pair.read("value", value);
  const bool null_value = !pair.find("value");
  if (!is_header_name(name)) {
    pair.findings().error(pair.line(), pair.path_of("name"),
                          "found " + shown(name) + ", expected an HTTP header name");
  } else if (!is_header_value(value)) {
    pair.findings().error(pair.line(), pair.path_of("value"), "found a control character");
  } else if (!null_value) {
    put_header(settings, std::move(name), std::move(value));
  }
  pair.finish();
}

void read_headers(Section& section, ExporterSettings& settings) {
  std::string list;
  section.read("headers_list", list);
  if (auto headers = parse_headers(list)) {
    settings.headers = std::move(*headers);
  } else {
    section.findings().error(section.line(), section.path_of("headers_list"),
                             headers.error().message);
  }
  for (const auto& [path, item] : section.list("headers")) {
    read_header(Section(section.findings(), item, path), settings);
  }
}

bool is_insecure(const YamlNode& options) {
  for (const YamlNode::Entry& entry : options.entries) {
    if (entry.key != "tls") continue;
    for (const YamlNode::Entry& tls : entry.value.entries) {
      if (tls.key == "insecure") return as_bool(tls.value).value_or(false);
    }
  }
  return false;
}

}  // namespace

void read_exporter(Section choice, std::span<const ExporterKind> kinds, ExporterConfig& exporter) {
  if (!choice.present()) return;
  const YamlNode::Entry* entry = choice.only_entry("one exporter");
  if (!entry) return;
  const ExporterKind* kind = find_kind(kinds, entry->key);
  if (!kind) {
    choice.findings().error(
        entry->line, choice.path(),
        "unknown exporter \"" + entry->key + "\"" + suggestion(entry->key, kind_names(kinds)));
    return;
  }
  exporter.kind = kind->name;
  Section options(choice.findings(), &entry->value, choice.path_of(entry->key));
  std::optional<bool> insecure;  // set: the endpoint may lack its scheme
  if (find_option(*kind, "tls.insecure")) insecure = is_insecure(entry->value);
  std::map<std::string_view, Section> groups;  // "tls" of "tls.ca_file"
  for (const ExporterOption& option : kind->options) {
    if (option.key == "headers") continue;
    const size_t dot = option.key.find('.');
    if (dot == std::string_view::npos) {
      read_option(options, option.key, option, exporter.settings, insecure);
      continue;
    }
    const std::string_view group = option.key.substr(0, dot);
    const auto it = groups.try_emplace(group, options.section(group)).first;
    read_option(it->second, option.key.substr(dot + 1), option, exporter.settings, insecure);
  }
  if (takes_headers(*kind)) read_headers(options, exporter.settings);
  for (auto& [name, group] : groups) group.finish();
  options.finish();
}

}  // namespace weft

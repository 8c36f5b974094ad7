// SPDX-License-Identifier: Apache-2.0
#include "agent/config/load/section.h"

#include <algorithm>

#include "agent/config/text.h"

namespace weft {
namespace {

std::string place(const Findings& findings, int line, std::string_view key, std::string_view what) {
  return findings.file + ":" + std::to_string(line) + ": " + std::string(key) +
         (key.empty() ? "" : ": ") + std::string(what);
}

std::string range(uint64_t min, uint64_t max) {
  return "an integer from " + std::to_string(min) + " to " + std::to_string(max);
}

std::string short_number(double value) {
  std::string text = std::to_string(value);
  text.erase(text.find_last_not_of('0') + 1);
  if (text.back() == '.') text.pop_back();
  return text;
}

std::optional<int64_t> parse_base(std::string_view digits, int base) {
  int64_t value = 0;
  const auto [end, error] =
      std::from_chars(digits.data(), digits.data() + digits.size(), value, base);
  const bool whole = error == std::errc() && end == digits.data() + digits.size();
  return whole && !digits.starts_with('-') ? std::optional(value) : std::nullopt;
}

}  // namespace

void Findings::error(int line, std::string_view key, std::string_view what) {
  errors.push_back(place(*this, line, key, what));
}

void Findings::warning(int line, std::string_view key, std::string_view what) {
  warnings.push_back(place(*this, line, key, what));
}

std::string describe(const YamlNode& node) {
  switch (node.kind) {
    case YamlNode::Kind::kNull:
      return "nothing";
    case YamlNode::Kind::kScalar:
      return shown(node.text);
    case YamlNode::Kind::kSequence:
      return "a list";
    case YamlNode::Kind::kMap:
      return "a map";
  }
  return {};
}

std::string describe_typed(const YamlNode& node) {
  const bool quoted = node.kind == YamlNode::Kind::kScalar && !node.plain;
  return describe(node) + (quoted ? " in quotes" : "");
}

std::optional<int64_t> as_integer(const YamlNode& node) {
  if (node.kind != YamlNode::Kind::kScalar || !node.plain) return std::nullopt;
  std::string_view text = node.text;
  if (text.starts_with("0x")) return parse_base(text.substr(2), 16);
  if (text.starts_with("0o")) return parse_base(text.substr(2), 8);
  if (text.starts_with('+')) text.remove_prefix(1);
  if (text.starts_with('-') && node.text.starts_with('+')) return std::nullopt;
  return parse_integer<int64_t>(text);
}

std::optional<double> as_number(const YamlNode& node) {
  if (const auto integer = as_integer(node)) return static_cast<double>(*integer);
  if (node.kind != YamlNode::Kind::kScalar || !node.plain) return std::nullopt;
  return parse_number(node.text);
}

std::optional<bool> as_bool(const YamlNode& node) {
  if (node.kind != YamlNode::Kind::kScalar || !node.plain) return std::nullopt;
  for (const char* word : {"true", "True", "TRUE"}) {
    if (node.text == word) return true;
  }
  for (const char* word : {"false", "False", "FALSE"}) {
    if (node.text == word) return false;
  }
  return std::nullopt;
}

Section::Section(Findings& findings, const YamlNode* node, std::string path)
    : findings_(findings), node_(node), path_(std::move(path)) {
  if (node_ && node_->kind == YamlNode::Kind::kNull) node_ = nullptr;
  if (node_ && node_->kind != YamlNode::Kind::kMap) {
    findings_.error(node_->line, path_, "found " + describe(*node_) + ", expected a map");
    node_ = nullptr;
  }
}

std::string Section::path_of(std::string_view key) const {
  return path_.empty() ? std::string(key) : path_ + "." + std::string(key);
}

const YamlNode* Section::find(std::string_view key) {
  if (std::ranges::find(asked_, key) == asked_.end()) asked_.emplace_back(key);
  if (!node_) return nullptr;
  for (const YamlNode::Entry& entry : node_->entries) {
    if (entry.key == key) return entry.value.kind == YamlNode::Kind::kNull ? nullptr : &entry.value;
  }
  return nullptr;
}

Section Section::section(std::string_view key) {
  return Section(findings_, find(key), path_of(key));
}

std::vector<std::pair<std::string, const YamlNode*>> Section::list(std::string_view key) {
  std::vector<std::pair<std::string, const YamlNode*>> out;
  const YamlNode* node = find(key);
  if (!node) return out;
  if (node->kind != YamlNode::Kind::kSequence) {
    wrong(key, *node, "a list");
    return out;
  }
  for (const YamlNode& item : node->items) {
    out.emplace_back(path_of(key) + "[" + std::to_string(out.size()) + "]", &item);
  }
  return out;
}

void Section::read(std::string_view key, std::string& out) {
  const YamlNode* node = find(key);
  if (!node) return;
  if (node->kind != YamlNode::Kind::kScalar) return wrong(key, *node, "text");
  out = node->text;
}

void Section::read(std::string_view key, bool& out) {
  const YamlNode* node = find(key);
  if (!node) return;
  const auto value = as_bool(*node);
  if (!value) return wrong(key, *node, "true or false");
  out = *value;
}

void Section::read(std::string_view key, double& out, double min, double max) {
  const YamlNode* node = find(key);
  if (!node) return;
  const auto value = as_number(*node);
  if (!value || !(*value >= min && *value <= max)) {
    return wrong(key, *node, "a number from " + short_number(min) + " to " + short_number(max));
  }
  out = *value;
}

void Section::read(std::string_view key, uint32_t& out, uint32_t min, uint32_t max) {
  const YamlNode* node = find(key);
  if (!node) return;
  const auto value = as_integer(*node);
  if (!value || *value < min || *value > max) return wrong(key, *node, range(min, max));
  out = static_cast<uint32_t>(*value);
}

void Section::read(std::string_view key, uint16_t& out, uint16_t min, uint16_t max) {
  uint32_t value = out;
  read(key, value, min, max);
  out = static_cast<uint16_t>(value);
}

void Section::read(std::string_view key, std::vector<std::string>& out) {
  const YamlNode* node = find(key);
  if (!node) return;
  if (node->kind != YamlNode::Kind::kSequence) return wrong(key, *node, "a list of texts");
  out.clear();
  for (const YamlNode& item : node->items) {
    if (item.kind != YamlNode::Kind::kScalar) return wrong(key, item, "a list of texts");
    out.push_back(item.text);
  }
}

std::optional<size_t> Section::choice(std::string_view key,
                                      std::span<const std::string_view> words) {
  const YamlNode* node = find(key);
  if (!node) return std::nullopt;
  const auto word = std::ranges::find(words, node->text);
  if (node->kind == YamlNode::Kind::kScalar && word != words.end()) {
    return static_cast<size_t>(word - words.begin());
  }
  std::string expected = "one of";
  for (const std::string_view w : words) {
    expected += (w == words.front() ? " " : ", ") + std::string(w);
  }
  wrong(key, *node, expected);
  return std::nullopt;
}

void Section::ignore(std::string_view key, std::string_view why) {
  if (const YamlNode* node = find(key)) findings_.warning(node->line, path_of(key), why);
}

void Section::finish() {
  if (!node_) return;
  const std::vector<std::string_view> known(asked_.begin(), asked_.end());
  for (const YamlNode::Entry& entry : node_->entries) {
    if (std::ranges::find(known, entry.key) != known.end()) continue;
    const std::string what = "unknown key" + suggestion(entry.key, known);
    if (findings_.newer) {
      findings_.warning(entry.line, path_of(entry.key), what + "; ignored");
    } else {
      findings_.error(entry.line, path_of(entry.key), what);
    }
  }
}

void Section::others(std::string_view why) {
  if (!node_) return;
  const std::vector<std::string_view> known(asked_.begin(), asked_.end());
  for (const YamlNode::Entry& entry : node_->entries) {
    if (std::ranges::find(known, entry.key) != known.end()) continue;
    if (nearest(entry.key, known).empty()) {
      findings_.warning(entry.line, path_of(entry.key), why);
    } else {
      findings_.error(entry.line, path_of(entry.key), "unknown key" + suggestion(entry.key, known));
    }
  }
}

const YamlNode::Entry* Section::only_entry(std::string_view expected) {
  if (node_ && node_->entries.size() == 1) return &node_->entries.front();
  if (node_) {
    findings_.error(node_->line, path_,
                    "found " + std::to_string(node_->entries.size()) + " entries, expected " +
                        std::string(expected));
  }
  return nullptr;
}

void Section::wrong(std::string_view key, const YamlNode& found, std::string_view expected) {
  findings_.error(found.line, path_of(key),
                  "found " + describe_typed(found) + ", expected " + std::string(expected));
}

}  // namespace weft

// SPDX-License-Identifier: Apache-2.0
// Typed reading of a map node. Every key asked for is a known key; finish() complains of
// the rest, so that the list of allowed keys is the code that reads them.
#pragma once

#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "agent/config/load/node.h"

namespace weft {

// What was found wrong in one file. Reading goes on after an error, with the default.
struct Findings {
  std::string file;
  bool newer = false;  // a later minor version of the format: unknown keys only warn
  std::vector<std::string> errors;
  std::vector<std::string> warnings;

  // "FILE:LINE: KEY: WHAT"
  void error(int line, std::string_view key, std::string_view what);
  void warning(int line, std::string_view key, std::string_view what);
};

// Absent and null are the same: the default stays. `node` outlives the section; a null
// pointer is an absent map, of which every key is absent.
class Section {
 public:
  // path: where it is in the file, for messages ("tracer_provider.limits"); "" for the root.
  Section(Findings& findings, const YamlNode* node, std::string path);

  Findings& findings() { return findings_; }
  bool present() const { return node_ != nullptr; }
  int line() const { return node_ ? node_->line : 1; }
  const std::string& path() const { return path_; }
  std::string path_of(std::string_view key) const;

  // The value, or null pointer when absent or null.
  const YamlNode* find(std::string_view key);
  Section section(std::string_view key);
  // The items of a list; each with its path "key[i]".
  std::vector<std::pair<std::string, const YamlNode*>> list(std::string_view key);

  void read(std::string_view key, std::string& out);
  void read(std::string_view key, bool& out);
  void read(std::string_view key, double& out, double min, double max);
  void read(std::string_view key, uint32_t& out, uint32_t min = 0, uint32_t max = UINT32_MAX);
  void read(std::string_view key, uint16_t& out, uint16_t min = 0, uint16_t max = UINT16_MAX);
  void read(std::string_view key, std::vector<std::string>& out);
  // Integers from min to max.
  template <class T>
  void read_numbers(std::string_view key, std::vector<T>& out, T min, T max);
  // The index of the word found in `words`; nothing when absent or wrong.
  std::optional<size_t> choice(std::string_view key, std::span<const std::string_view> words);

  // Known to the format, of no use here: accepted, with a warning when present.
  void ignore(std::string_view key, std::string_view why);
  // Keys that were never asked for are errors.
  void finish();
  // The same for maps that others may extend: a near miss of a known key is an error,
  // the rest a warning.
  void others(std::string_view why);
  // For maps with exactly one entry, a choice: its key and value; null: not so (an error).
  const YamlNode::Entry* only_entry(std::string_view expected);

  void wrong(std::string_view key, const YamlNode& found, std::string_view expected);

 private:
  Findings& findings_;
  const YamlNode* node_;
  std::string path_;
  std::vector<std::string> asked_;
};

// How a value reads in a message: `"text"`, `a list`, `a map`, `nothing`. Where a number
// or a flag is wanted, a quoted scalar is shown as what it is: text.
std::string describe(const YamlNode& node);
std::string describe_typed(const YamlNode& node);
// A plain scalar as a YAML 1.2 core integer (decimal, 0x, 0o).
std::optional<int64_t> as_integer(const YamlNode& node);
std::optional<double> as_number(const YamlNode& node);
std::optional<bool> as_bool(const YamlNode& node);

template <class T>
void Section::read_numbers(std::string_view key, std::vector<T>& out, T min, T max) {
  if (const YamlNode* node = find(key); node && node->kind == YamlNode::Kind::kSequence)
    out.clear();
  for (const auto& [path, item] : list(key)) {
    const auto value = as_integer(*item);
    if (value && *value >= min && *value <= max) {
      out.push_back(static_cast<T>(*value));
    } else {
      findings_.error(item->line, path,
                      "found " + describe(*item) + ", expected an integer from " +
                          std::to_string(min) + " to " + std::to_string(max));
    }
  }
}

}  // namespace weft

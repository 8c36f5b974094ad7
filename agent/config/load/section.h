// SPDX-License-Identifier: Apache-2.0
// Typed reading of a map node. Every key that is read is a known key; finish() reports the rest as
// errors, so that the list of allowed keys is the code that reads them.
#pragma once

#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "agent/config/load/node.h"

namespace weft {

// The mistakes found in one file. Reading continues after an error, with the default.
struct Findings {
  std::string file;
  bool newer = false;  // a later minor version of the format: unknown keys only warn
  std::vector<std::string> errors;
  std::vector<std::string> warnings;

  // "FILE:LINE: KEY: WHAT"
  void error(int line, std::string_view key, std::string_view what);
  void warning(int line, std::string_view key, std::string_view what);
};

// Absent and null mean the same: the default stays. `node` must outlive the section; a null pointer
// stands for an absent map, of which every key is absent.
class Section {
 public:
  // path: where it is in the file, for messages ("tracer_provider.limits"); "" for the root.
  Section(Findings& findings, const YamlNode* node, std::string path);

  Findings& findings() { return findings_; }
  bool present() const { return node_ != nullptr; }
  int line() const { return node_ ? node_->line : 1; }
  const std::string& path() const { return path_; }
  std::string path_of(std::string_view key) const;

  // The value; null pointer: absent or null.
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
  // Reads a list of integers from min to max.
  template <class T>
  void read_numbers(std::string_view key, std::vector<T>& out, T min, T max);
  // The index in `words` of the value; none: absent or wrong.
  std::optional<size_t> choice(std::string_view key, std::span<const std::string_view> words);

  // For keys that the format has and Weft does not use: accepted, with a warning if present.
  void ignore(std::string_view key, std::string_view why);
  // Reports keys that were never read as errors.
  void finish();
  // As finish(), for maps that others may extend: a near miss of a known key is an error, the rest
  // a warning.
  void others(std::string_view why);
  // For maps that must have exactly one entry, a choice: its key and value; null: otherwise (an
  // error).
  const YamlNode::Entry* only_entry(std::string_view expected);

  void wrong(std::string_view key, const YamlNode& found, std::string_view expected);

 private:
  Findings& findings_;
  const YamlNode* node_;
  std::string path_;
  std::vector<std::string> asked_;
};

// Describes a value in a message: `"text"`, `a list`, `a map`, `nothing`. describe_typed() is for
// where a number or flag is expected: it says of a quoted scalar that it is text.
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

// SPDX-License-Identifier: Apache-2.0
#include "agent/config/load/node.h"

#include <algorithm>
#include <utility>
#include <yaml-cpp/yaml.h>

#include "agent/config/text.h"

namespace weft {
namespace {

constexpr size_t kMaxNodes = 100'000;  // nested aliases expand a small text without end
constexpr int kMaxDepth = 64;          // an alias may contain itself
constexpr std::string_view kMergeKey = "<<";

int line_of(const YAML::Mark& mark) {
  return mark.line < 0 ? 1 : mark.line + 1;
}

bool is_null_word(std::string_view text) {
  return text.empty() || text == "~" || text == "null" || text == "Null" || text == "NULL";
}

YamlNode make(YamlNode::Kind kind, int line) {
  YamlNode node;
  node.kind = kind;
  node.line = line;
  return node;
}

bool is_marker(std::string_view line, std::string_view marker) {
  if (!line.starts_with(marker)) return false;
  return line.size() == 3 || line[3] == ' ' || line[3] == '\t' || line[3] == '\r';
}

// The line where a second document begins, or 0. Markers are in the first column and nothing else
// may begin so; the YAML library's own reader of several documents can loop.
int second_document(std::string_view text) {
  bool begun = false;
  bool ended = false;
  for (int number = 1; !text.empty(); ++number) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    const bool start = is_marker(line, "---");
    const bool empty = line.find_first_not_of(" \t\r") == line.npos || line.starts_with('#');
    if ((start && begun) || (ended && !empty)) return number;
    ended |= is_marker(line, "...");
    begun |= start || (!empty && !line.starts_with('%'));
  }
  return 0;
}

// Copies the library's tree into ours. The first error stops everything.
class Builder {
 public:
  Builder(std::string_view file, const Environment& environment)
      : file_(file), environment_(environment) {}

  Result<YamlNode> build(const YAML::Node& source, int depth) {
    const int line = line_of(source.Mark());
    if (++nodes_ > kMaxNodes)
      return error(line, "more than 100000 values (aliases count each time)");
    if (depth > kMaxDepth) return error(line, "nested more than 64 levels deep");
    switch (source.Type()) {
      case YAML::NodeType::Undefined:
      case YAML::NodeType::Null:
        return make(YamlNode::Kind::kNull, line);
      case YAML::NodeType::Scalar:
        return scalar(source, line);
      case YAML::NodeType::Sequence:
        return sequence(source, line, depth);
      case YAML::NodeType::Map:
        return map(source, line, depth);
    }
    return error(line, "unreadable value");
  }

 private:
  std::unexpected<Error> error(int line, const std::string& what) const {
    return fail(ExitCode::kConfig, std::string(file_) + ":" + std::to_string(line) + ": " + what);
  }

  Result<YamlNode> scalar(const YAML::Node& source, int line) {
    auto text = substitute(source.Scalar(), environment_);
    if (!text) return error(line, text.error().message);
    if (!valid_utf8(*text)) return error(line, "a value is not UTF-8");
    // The library's mark for a plain scalar is "?", for a quoted one "!".
    const bool plain = source.Tag() == "?" || source.Tag().empty();
    if (plain && is_null_word(*text)) return make(YamlNode::Kind::kNull, line);
    YamlNode node = make(YamlNode::Kind::kScalar, line);
    node.text = std::move(*text);
    node.plain = plain;
    return node;
  }

  Result<YamlNode> sequence(const YAML::Node& source, int line, int depth) {
    YamlNode node = make(YamlNode::Kind::kSequence, line);
    for (const YAML::Node& item : source) {
      auto built = build(item, depth + 1);
      if (!built) return built;
      node.items.push_back(std::move(*built));
    }
    return node;
  }

  Result<YamlNode> map(const YAML::Node& source, int line, int depth) {
    YamlNode node = make(YamlNode::Kind::kMap, line);
    std::vector<YamlNode> merged;
    for (const auto& pair : source) {
      const int key_line = line_of(pair.first.Mark());
      if (!pair.first.IsScalar()) return error(key_line, "a key is not a plain word");
      const std::string key = pair.first.Scalar();
      if (!valid_utf8(key)) return error(key_line, "a key is not UTF-8");
      auto value = build(pair.second, depth + 1);
      if (!value) return value;
      if (key == kMergeKey) {
        merged.push_back(std::move(*value));
      } else if (has(node, key)) {
        return error(key_line, "the key \"" + key + "\" is given twice");
      } else {
        node.entries.push_back({key, key_line, std::move(*value)});
      }
    }
    for (YamlNode& other : merged) merge(node, std::move(other));
    return node;
  }

  static bool has(const YamlNode& node, std::string_view key) {
    return std::ranges::any_of(node.entries, [&](const auto& entry) { return entry.key == key; });
  }

  // YAML's merge key: entries of `other` (a map, or several) that `node` lacks.
  static void merge(YamlNode& node, YamlNode other) {
    for (YamlNode& item : other.items) merge(node, std::move(item));
    for (YamlNode::Entry& entry : other.entries) {
      if (!has(node, entry.key)) node.entries.push_back(std::move(entry));
    }
  }

  std::string_view file_;
  const Environment& environment_;
  size_t nodes_ = 0;
};

}  // namespace

Result<YamlNode> parse_yaml(const std::string& text, std::string_view file,
                            const Environment& environment) {
  const auto error = [&](int line, const std::string& what) {
    return fail(ExitCode::kConfig, std::string(file) + ":" + std::to_string(line) + ": " + what);
  };
  if (text.size() > kMaxFileSize) return error(1, "larger than 1 MiB");
  if (const int line = second_document(text)) return error(line, "a second YAML document");
  // The YAML library reports errors by exceptions; they end here.
  try {
    return Builder(file, environment).build(YAML::Load(text), 0);
  } catch (const YAML::Exception& fault) {
    return error(line_of(fault.mark), "not YAML: " + fault.msg);
  }
}

}  // namespace weft

// SPDX-License-Identifier: Apache-2.0
// A YAML document as a passive tree, after substitution of ${VARIABLES}. Only node.cpp uses the
// YAML library.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "agent/base/result.h"
#include "agent/config/environment.h"

namespace weft {

struct YamlNode {
  enum class Kind : uint8_t { kNull, kScalar, kSequence, kMap };
  struct Entry;

  Kind kind = Kind::kNull;
  int line = 1;                 // of the file, from 1
  std::string text;             // kScalar
  bool plain = false;           // kScalar: not quoted, so that 1 and true are typed
  std::vector<YamlNode> items;  // kSequence
  std::vector<Entry> entries;   // kMap, in file order; keys are unique
};

struct YamlNode::Entry {
  std::string key;
  int line = 1;
  YamlNode value;
};

// Resolves ${NAME}, ${env:NAME}, ${NAME:-default} and $$ in one scalar's text by the
// specification's rules. Values are inserted as they are: a variable cannot add structure or
// further references. Error: the invalid reference.
Result<std::string> substitute(std::string_view text, const Environment& environment);

inline constexpr size_t kMaxFileSize = 1 << 20;

// One document. Anchors, aliases and merge keys are resolved; the tree is bounded (1 MiB
// of text, 100 000 nodes, 64 levels). Errors: kConfig, "FILE:LINE: …".
Result<YamlNode> parse_yaml(const std::string& text, std::string_view file,
                            const Environment& environment);

}  // namespace weft

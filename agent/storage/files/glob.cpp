// SPDX-License-Identifier: Apache-2.0
#include "agent/storage/files/glob.h"

#include <algorithm>
#include <cstring>

#include "agent/base/path.h"

namespace weft::storage {
namespace {

constexpr std::string_view kSpecial = "*?[\\";

struct Halves {
  std::string_view folder;  // empty: any
  std::string_view name;
};

Halves halves(std::string_view glob) {
  const size_t slash = glob.rfind('/');
  if (slash == std::string_view::npos) return {{}, glob};
  std::string_view folder = glob.substr(0, slash);
  folder.remove_prefix(folder.rfind('/') + 1);  // npos + 1 is 0
  return {folder, glob.substr(slash + 1)};
}

std::string_view literal_head(std::string_view glob) {
  return glob.substr(0, std::min(glob.find_first_of(kSpecial), size_t{WEFT_LITERAL}));
}

// Only what follows the last ']', '*' or '?' is certain to be literal: text before it may be inside
// a bracket.
std::string_view literal_tail(std::string_view glob) {
  if (glob.find('\\') != std::string_view::npos) return {};
  const std::string_view tail = glob.substr(glob.find_last_of("*?[]") + 1);  // npos + 1 is 0
  return tail.substr(tail.size() - std::min(tail.size(), size_t{WEFT_LITERAL}));
}

weft_literal literal(std::string_view text, size_t at) {
  char bytes[WEFT_LITERAL] = {};
  char mask[WEFT_LITERAL] = {};
  text.copy(bytes + at, text.size());
  std::memset(mask + at, 0xff, text.size());
  weft_literal out{};
  std::memcpy(out.text, bytes, sizeof bytes);
  std::memcpy(out.mask, mask, sizeof mask);
  return out;
}

weft_literal right_aligned(std::string_view text) {
  return literal(text, WEFT_LITERAL - text.size());
}

}  // namespace

bool matches(std::string_view glob, std::string_view folder, std::string_view name) {
  const Halves want = halves(glob);
  return fits_glob(want.name, name) && (want.folder.empty() || fits_glob(want.folder, folder));
}

weft_pattern literals(const LogPattern& pattern) {
  const Halves want = halves(pattern.glob);
  const std::string_view head = literal_head(want.name);
  const std::string_view tail = literal_tail(want.name);
  const std::string_view folder = literal_tail(want.folder);
  weft_pattern out{};
  out.head = literal(head, 0);
  out.tail = right_aligned(tail);
  out.folder = right_aligned(folder);
  out.min_name = static_cast<uint8_t>(std::max(head.size(), tail.size()));
  out.min_folder = static_cast<uint8_t>(folder.size());
  out.use = pattern.use;
  return out;
}

}  // namespace weft::storage

// SPDX-License-Identifier: Apache-2.0
#include "agent/attach/mappings.h"

#include <algorithm>
#include <cinttypes>
#include <cstdio>
#include <fstream>

#include "agent/base/path.h"

namespace weft::attach {

// Lines: "from-to perms offset device inode   path".
std::vector<CodeMapping> code_mappings(const std::string& process) {
  std::vector<CodeMapping> out;
  std::ifstream maps(process + "/maps");
  for (std::string line; std::getline(maps, line);) {
    CodeMapping mapping;
    char permissions[5] = {};
    const size_t slash = line.find('/');
    if (slash == std::string::npos ||
        std::sscanf(line.c_str(), "%" SCNx64 "-%*x %4s %" SCNx64, &mapping.start, permissions,
                    &mapping.offset) != 3 ||
        permissions[2] != 'x') {
      continue;
    }
    mapping.path = process + "/map_files/" + line.substr(0, line.find(' '));
    mapping.shown = line.substr(slash);
    out.push_back(std::move(mapping));
  }
  return out;
}

bool named(std::span<const std::string_view> globs, std::string_view name) {
  return std::ranges::any_of(globs, [&](std::string_view glob) { return fits_glob(glob, name); });
}

}  // namespace weft::attach

// SPDX-License-Identifier: Apache-2.0
// Paths and names as text; no file access.
#pragma once

#include <fnmatch.h>
#include <string>
#include <string_view>

namespace weft {

// The last component; trailing slashes do not count. A view of the argument.
inline std::string_view base_name(std::string_view path) {
  while (path.size() > 1 && path.ends_with('/')) path.remove_suffix(1);
  return path.substr(path.rfind('/') + 1);  // npos + 1 is 0
}

// fnmatch(3) without flags: "*" also matches slashes.
inline bool fits_glob(std::string_view glob, std::string_view text) {
  return fnmatch(std::string(glob).c_str(), std::string(text).c_str(), 0) == 0;
}

}  // namespace weft

// SPDX-License-Identifier: Apache-2.0
// Paths and names as text; no file is looked at.
#pragma once

#include <fnmatch.h>
#include <string>
#include <string_view>

namespace weft {

// The last component; slashes at the end do not count. A view of what was given.
inline std::string_view base_name(std::string_view path) {
  while (path.size() > 1 && path.ends_with('/')) path.remove_suffix(1);
  return path.substr(path.rfind('/') + 1);  // npos + 1 is 0
}

// fnmatch(3) without flags: "*" passes slashes, too.
inline bool fits_glob(std::string_view glob, std::string_view text) {
  return fnmatch(std::string(glob).c_str(), std::string(text).c_str(), 0) == 0;
}

}  // namespace weft

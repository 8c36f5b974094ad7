// SPDX-License-Identifier: Apache-2.0
// The name of a kernel error. Stateless; any thread.
#pragma once

#include <cstdint>
#include <cstring>
#include <string>

namespace weft {

// "ENOSPC" for the failed result of a call (-errno); the number if it has no name.
inline std::string error_name(int64_t result) {
  const char* name = strerrorname_np(static_cast<int>(-result));
  return name ? name : std::to_string(-result);
}

}  // namespace weft

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace weft {

// How a parent was found: the value of weft.correlation.
enum class Correlation : uint8_t {
  kNone,        // no parent
  kHeader,      // the request's trace context names it
  kConnection,  // the other end of the same connection, at the same position
  kTask,        // the task, as the process's runtime names it, works on that request
  kThread,      // the thread owns its connections and had one request open
  kEventLoop,   // the only open request of an event loop that only serves requests, read in the
                // same run
};
inline constexpr size_t kCorrelations = 6;
std::string_view correlation_name(Correlation how);

}  // namespace weft

// SPDX-License-Identifier: Apache-2.0
// Receives a measurement of every storage operation, sampled or not.
#pragma once

#include <cstdint>
#include <string_view>

#include "agent/port/engine.h"

namespace weft {

// One completed operation. Views are valid during the call.
struct StorageSample {
  const Engine* engine;
  uint32_t instance;           // pid of the process that represents the instance
  std::string_view operation;  // name of the span tree: "wal.sync", "wal.flush", …; not empty
  std::string_view file;       // path; empty: no particular file
  std::string_view backend{};  // kind of store, as named in the log itself; empty: none
  uint64_t duration;           // ns
  uint64_t bytes;
  bool failed;
};

class StorageMeter {
 public:
  virtual ~StorageMeter() = default;
  virtual void operation(const StorageSample& sample) = 0;
  // A sync served `size` commits, its own included.
  virtual void group(const Engine& engine, uint32_t instance, uint64_t size) = 0;
};

}  // namespace weft

// SPDX-License-Identifier: Apache-2.0
// Who counts what storage does: every operation, sampled or not.
#pragma once

#include <cstdint>
#include <string_view>

#include "agent/port/engine.h"

namespace weft {

// One operation that ended. Views are valid during the call.
struct StorageSample {
  const Engine* engine;
  uint32_t instance;           // pid of the process that stands for it
  std::string_view operation;  // name of the span tree: "wal.sync", "wal.flush", …; not empty
  std::string_view file;       // path; empty: of none in particular
  std::string_view backend{};  // kind of store the log itself names; empty: none
  uint64_t duration;           // ns
  uint64_t bytes;
  bool failed;
};

class StorageMeter {
 public:
  virtual ~StorageMeter() = default;
  virtual void operation(const StorageSample& sample) = 0;
  // A sync served so many commits, its own included.
  virtual void group(const Engine& engine, uint32_t instance, uint64_t size) = 0;
};

}  // namespace weft

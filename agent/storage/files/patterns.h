// SPDX-License-Identifier: Apache-2.0
// The table of file patterns: every engine's, those of other libraries to probe, then the user's.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "agent/base/result.h"
#include "agent/port/engine.h"
#include "bpf/abi/weft_config.h"

namespace weft::storage {

// Immutable after make(). Engines are constant data; the user's globs are copied.
class Patterns {
 public:
  struct Row {
    std::string glob;
    weft_file_use use;
    // The engines that use this pattern. For the user's own patterns: the engine "file". Empty only
    // for libraries that contain no engine.
    std::vector<const Engine*> engines{};
  };

  // libraries: names of those to probe that contain no engine. Fails when there are more patterns
  // than the kernel side tests (WEFT_PATTERNS).
  static Result<Patterns> make(std::span<const std::string> logs,
                               std::span<const std::string> entries,
                               std::span<const std::string_view> libraries = {});

  // The table for the kernel side, in the same order.
  std::vector<weft_pattern> table() const;
  // Of that, the libraries that contain no engine.
  std::vector<weft_pattern> table_of_libraries() const;
  // The first row that matches; null: none.
  const Row* find(std::string_view folder, std::string_view name) const;
  bool is_log(std::string_view folder, std::string_view name) const {
    const Row* row = find(folder, name);
    return row && row->use != WEFT_FILE_LIBRARY;
  }

 private:
  void add(std::string_view glob, weft_file_use use, const Engine* engine);  // null: none

  std::vector<Row> rows_;
};

}  // namespace weft::storage

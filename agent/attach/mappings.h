// SPDX-License-Identifier: Apache-2.0
// The files that a process has mapped to execute, as /proc shows them.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace weft::attach {

struct CodeMapping {
  uint64_t start = 0;   // address in the process
  uint64_t offset = 0;  // in the file
  std::string path;     // path to open it by
  std::string shown;    // path as the process sees it
};

// process: its folder, "/proc/PID". Empty: the process is gone.
std::vector<CodeMapping> code_mappings(const std::string& process);

// Whether the base name fits one of the globs.
bool named(std::span<const std::string_view> globs, std::string_view name);

}  // namespace weft::attach

// SPDX-License-Identifier: Apache-2.0
// Which files a process maps to execute them, as the kernel knows files: a file on an overlay
// or a bind mount, or under another name, is the one that probes are put into.
#pragma once

#include <cstdint>
#include <vector>

namespace weft {

struct MappedCode {
  uint64_t start = 0;    // address in the process
  uint64_t file = 0;     // the kernel's inode; its own again only while somebody has it open
  bool program = false;  // of the executable itself
};

// One thread.
class CodeMap {
 public:
  virtual ~CodeMap() = default;
  // Empty: the process is gone, or this kernel does not tell.
  virtual std::vector<MappedCode> of(uint32_t pid) = 0;
};

}  // namespace weft

// SPDX-License-Identifier: Apache-2.0
// Lists the files that a process has mapped executable, by the kernel's own inode. A path can
// mislead (overlay, bind mount, another name); the inode is what a uprobe is attached to.
#pragma once

#include <cstdint>
#include <vector>

namespace weft {

struct MappedCode {
  uint64_t start = 0;    // address in the process
  uint64_t file = 0;     // the kernel's struct inode; may be reused once nobody has the file open
  bool program = false;  // the mapping belongs to the executable itself
};

// One thread.
class CodeMap {
 public:
  virtual ~CodeMap() = default;
  // Empty: the process is gone, or this kernel does not report mappings.
  virtual std::vector<MappedCode> of(uint32_t pid) = 0;
};

}  // namespace weft

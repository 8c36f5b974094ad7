// SPDX-License-Identifier: Apache-2.0
// A binary's USDT probes (.note.stapsdt): places that its authors marked to be probed.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "agent/discover/proc/elf_file.h"

namespace weft::resolve {

struct Usdt {
  uint64_t address = 0;
  uint64_t semaphore = 0;  // address of the 16-bit counter that enables it; 0: none
  std::string arguments;   // "8@%rax -4@$5 …"
};

// Borrows the file.
class UsdtNotes {
 public:
  explicit UsdtNotes(const ElfFile& elf) : elf_(elf) {}
  // One probe may be in several places.
  std::vector<Usdt> find(std::string_view provider, std::string_view name) const;

 private:
  const ElfFile& elf_;
};

}  // namespace weft::resolve

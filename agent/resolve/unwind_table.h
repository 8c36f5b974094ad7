// SPDX-License-Identifier: Apache-2.0
// Bounds of functions, from the unwind table (.eh_frame_hdr): also of static functions and in
// stripped files.
#pragma once

#include <cstdint>
#include <optional>

#include "agent/discover/proc/elf_file.h"
#include "agent/resolve/function.h"

namespace weft::resolve {

// Borrows the file.
class UnwindTable {
 public:
  explicit UnwindTable(const ElfFile& elf) : elf_(elf) {}
  // The function that contains the address.
  std::optional<Function> function_at(uint64_t address) const;

 private:
  const ElfFile& elf_;
};

}  // namespace weft::resolve

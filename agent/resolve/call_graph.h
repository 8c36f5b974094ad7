// SPDX-License-Identifier: Apache-2.0
// Which functions of a binary call which, directly, through its procedure linkage table (PLT), or
// through a pointer that the dynamic linker fills.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "agent/discover/proc/elf_file.h"
#include "agent/resolve/function.h"
#include "agent/resolve/unwind_table.h"

namespace weft::resolve {

struct Call {
  uint64_t probe = 0;   // address of the instruction
  uint64_t target = 0;  // 0: through a pointer
  std::string import;   // name of the imported function, if it is one
  bool tail = false;    // a jump out of the function
};

// Borrows the file and the unwind table. Keeps 16 bytes per import once asked.
class CallGraph {
 public:
  CallGraph(const ElfFile& elf, const UnwindTable& unwind) : elf_(elf), unwind_(unwind) {}

  // The function's calls and tail calls, in order. Empty also if it cannot be decoded.
  std::vector<Call> callees(const Function& function) const;
  // Calls of the function at an address, directly or through its own PLT stubs.
  struct Caller {
    Function function;
    uint64_t probe = 0;
  };
  std::vector<Caller> callers(uint64_t address) const;
  // How many instructions look like calls of the address or jumps to it. A hint, not decoded: 0
  // means that nothing in this file calls it directly (inlined, split, or called only by pointer).
  size_t direct_calls(uint64_t address) const;
  // The imported function that a PLT stub jumps to; empty: not a stub.
  std::string plt_name(uint64_t address) const;

 private:
  // A pointer that the dynamic linker fills with an imported (or own) function.
  struct Slot {
    uint64_t place = 0;
    uint32_t symbol = 0;
  };
  struct Stub {
    uint64_t address = 0;
    uint64_t slot = 0;
  };
  struct Imports {
    std::vector<Slot> slots;  // by place
    std::vector<Stub> stubs;  // by address
  };

  const Imports& imports() const;
  uint32_t slot_symbol(uint64_t place) const;
  std::string slot_name(uint64_t place) const;
  std::vector<uint64_t> entries_of(uint64_t address) const;

  const ElfFile& elf_;
  const UnwindTable& unwind_;
  mutable std::optional<Imports> imports_;  // read when first asked
};

}  // namespace weft::resolve

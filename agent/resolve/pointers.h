// SPDX-License-Identifier: Apache-2.0
// The values that pointers in a program's data have after loading: relocated, or stored in the file
// (programs at a fixed address, and packed relocations, whose addend is stored there).
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "agent/discover/proc/elf_file.h"

namespace weft::resolve {

struct Relocation {
  uint64_t place = 0;
  uint32_t type = 0;    // R_X86_64_*
  uint32_t symbol = 0;  // number in the table of dynamic symbols; 0: none
  uint64_t addend = 0;
};

// Visits the relocations that the dynamic linker applies. `visit` returns false to stop.
void relocations(const ElfFile& elf, const std::function<bool(const Relocation&)>& visit);

// An entry of the dynamic symbol table. Zeroes for an invalid number.
struct DynamicSymbol {
  uint32_t name = 0;
  uint64_t address = 0;  // 0: imported
};
DynamicSymbol dynamic_symbol(const ElfFile& elf, uint32_t number);
std::string dynamic_name(const ElfFile& elf, const DynamicSymbol& symbol);

// The pointers at these addresses; 0: null, or not known before loading.
std::vector<uint64_t> pointers_at(const ElfFile& elf, std::span<const uint64_t> places);

// Addresses in data that hold this pointer; at most `limit`.
std::vector<uint64_t> pointers_to(const ElfFile& elf, uint64_t address, size_t limit);

}  // namespace weft::resolve

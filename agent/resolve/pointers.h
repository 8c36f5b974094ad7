// SPDX-License-Identifier: Apache-2.0
// What the pointers in a program's data will be once it is loaded: relocated, or in place
// (programs at a fixed address, and packed relocations, whose addend is in place).
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

// Those that the dynamic linker applies. false stops.
void relocations(const ElfFile& elf, const std::function<bool(const Relocation&)>& visit);

// What stands in the table of dynamic symbols. Zeroes for a number that is none.
struct DynamicSymbol {
  uint32_t name = 0;
  uint64_t address = 0;  // 0: imported
};
DynamicSymbol dynamic_symbol(const ElfFile& elf, uint32_t number);
std::string dynamic_name(const ElfFile& elf, const DynamicSymbol& symbol);

// The pointers at these places; 0 for one that is null or not known before loading.
std::vector<uint64_t> pointers_at(const ElfFile& elf, std::span<const uint64_t> places);

// Places in data that hold the address; at most `limit`.
std::vector<uint64_t> pointers_to(const ElfFile& elf, uint64_t address, size_t limit);

}  // namespace weft::resolve

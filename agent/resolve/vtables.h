// SPDX-License-Identifier: Apache-2.0
// Virtual functions of a C++ binary, by the names in its run-time type information (RTTI).
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "agent/discover/proc/elf_file.h"

namespace weft::resolve {

// Borrows the file.
class Vtables {
 public:
  explicit Vtables(const ElfFile& elf) : elf_(elf) {}
  // The address of the function in a slot of the vtable of the class with this RTTI name
  // ("N1a1bE"), also in anonymous namespaces. None also if two vtables differ.
  std::optional<uint64_t> method(std::string_view class_name, uint32_t slot) const;

 private:
  const ElfFile& elf_;
};

}  // namespace weft::resolve

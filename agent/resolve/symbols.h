// SPDX-License-Identifier: Apache-2.0
// A binary's symbol tables.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agent/discover/proc/elf_file.h"
#include "agent/resolve/function.h"

namespace weft::resolve {

struct Symbol {
  enum class Kind : uint8_t { kFunction, kObject };
  std::string name;
  uint64_t address = 0;
  uint64_t size = 0;  // bytes; 0: not known
  Kind kind = Kind::kFunction;
  bool dynamic = false;  // from .dynsym; false: from .symtab

  Function function() const { return {address, size}; }
};

// Defined functions and variables; dynamic symbols first. No resolvers (IFUNC), no thread-locals.
// Borrows the file.
class Symbols {
 public:
  explicit Symbols(const ElfFile& elf) : elf_(elf) {}

  std::optional<Symbol> find(std::string_view name) const;
  // One per address, without compilers' partial copies (".part.0", ".cold").
  std::vector<Symbol> with_prefix(std::string_view prefix) const;
  // Whether a dynamic symbol has this address.
  bool exported(uint64_t address) const;

 private:
  const ElfFile& elf_;
};

}  // namespace weft::resolve

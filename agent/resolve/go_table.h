// SPDX-License-Identifier: Apache-2.0
// The functions of a Go program, from .gopclntab of Go 1.18 and later: present in stripped programs
// too.
#pragma once

#include <optional>
#include <string_view>

#include "agent/discover/proc/elf_file.h"
#include "agent/resolve/function.h"

namespace weft::resolve {

// Borrows the file.
class GoTable {
 public:
  explicit GoTable(const ElfFile& elf) : elf_(elf) {}
  // name: with its package, "main.work".
  std::optional<Function> find(std::string_view name) const;

 private:
  const ElfFile& elf_;
};

}  // namespace weft::resolve

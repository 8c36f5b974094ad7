// SPDX-License-Identifier: Apache-2.0
// Where a function's code is. Addresses are as in the file's own symbols: add the load address for
// a process.
#pragma once

#include <cstdint>

namespace weft::resolve {

struct Function {
  uint64_t address = 0;
  uint64_t size = 0;  // bytes; 0: not known

  bool holds(uint64_t at) const { return at >= address && at - address < size; }
};

}  // namespace weft::resolve

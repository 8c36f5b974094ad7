// SPDX-License-Identifier: Apache-2.0
// A function's instructions.
#pragma once

#include <functional>

#include "agent/resolve/binary.h"
#include "agent/resolve/decode.h"

namespace weft::resolve {

// Visits the instructions in order; `visit` returns false to stop. Returns false if not all of the
// requested bytes are code, or the function is larger than kMaxFunction, which no real one is.
inline constexpr size_t kMaxFunction = 256 << 10;  // sqlite3VdbeExec: 40 KiB
bool walk(const ElfFile& elf, const Function& function,
          const std::function<bool(const Instruction&)>& visit);

// Whether the instruction jumps out of the function. A jump to a computed address counts as a
// switch inside it.
bool leaves(const Instruction& in, const Function& function);

}  // namespace weft::resolve

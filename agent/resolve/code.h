// SPDX-License-Identifier: Apache-2.0
// A function's instructions.
#pragma once

#include <functional>

#include "agent/resolve/binary.h"
#include "agent/resolve/decode.h"

namespace weft::resolve {

// Shows the instructions in turn. false from `visit` stops. Gives false when not all that
// was asked for is code, or the function is larger than a real one (kMaxFunction).
inline constexpr size_t kMaxFunction = 256 << 10;  // sqlite3VdbeExec: 40 KiB
bool walk(const ElfFile& elf, const Function& function,
          const std::function<bool(const Instruction&)>& visit);

// Is it a jump out of the function? One to a computed address is taken for a switch's.
bool leaves(const Instruction& in, const Function& function);

}  // namespace weft::resolve

// SPDX-License-Identifier: Apache-2.0
// What a function's instructions say: where to probe it, how it is left, which field it returns.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "agent/discover/proc/elf_file.h"
#include "agent/resolve/decode.h"
#include "agent/resolve/function.h"

namespace weft::resolve {

// Visits the instructions in order; `visit` returns false to stop. Returns false if not all of the
// requested bytes are code, or the function is larger than kMaxFunction, which no real one is.
inline constexpr size_t kMaxFunction = 256 << 10;  // sqlite3VdbeExec: 40 KiB
bool walk(const ElfFile& elf, const Function& function,
          const std::function<bool(const Instruction&)>& visit);

// Whether the instruction jumps out of the function. A jump to a computed address counts as a
// switch inside it.
bool leaves(const Instruction& in, const Function& function);

// How a function is left.
struct Exits {
  std::vector<uint64_t> returns;  // addresses of the ret instructions
  bool tail_calls = false;        // jumps to other functions, or to its own cold part, leave it too
};

// What an accessor function returns: a field of the structure its first argument points to.
struct Field {
  int64_t offset = 0;
  uint8_t width = 0;  // bytes; 0: the field's address
};

// Which registers carry arguments.
enum class Abi : uint8_t { kSystemV, kGo };

struct Probe {
  uint64_t address = 0;
  bool emulated = false;     // the kernel emulates the instruction; else each hit needs
                             // single-stepping
  bool entry_stack = false;  // rsp is as at the entry: a return probe works here
};

// Borrows the file.
class Code {
 public:
  explicit Code(const ElfFile& elf) : elf_(elf) {}

  // For functions of a few instructions that load one field, or its address, and return.
  std::optional<Field> accessor_offset(const Function& getter) const;
  // Empty: cannot be decoded.
  std::optional<Exits> returns(const Function& function) const;
  // The cheapest place for a probe at the function's entry: the first instruction that the kernel
  // emulates (decode.h), executed once per call, with the first `arguments` integer arguments (Go:
  // and the goroutine) still in their registers. The entry itself if there is none nearby. In Go it
  // is often the branch to runtime.morestack, which restarts the function: of a goroutine's hits
  // the last one counts.
  Probe first_emulatable(const Function& function, Abi abi = Abi::kSystemV,
                         size_t arguments = SIZE_MAX) const;

 private:
  const ElfFile& elf_;
};

}  // namespace weft::resolve

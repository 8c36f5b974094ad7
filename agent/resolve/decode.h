// SPDX-License-Identifier: Apache-2.0
// Decodes x86-64 instructions as far as needed to choose where to probe. The only user of Zydis.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace weft::resolve {

// General registers, numbered as in the encoding: a mask has bit 1 << number.
enum Register : uint8_t {
  kRax = 0,
  kRcx = 1,
  kRdx = 2,
  kRbx = 3,
  kRsp = 4,
  kRsi = 6,
  kRdi = 7,
  kR8 = 8,
  kR9 = 9,
  kR10 = 10,
  kR11 = 11,
  kR14 = 14,
};

template <class... Registers>
constexpr uint16_t mask(Registers... registers) {
  return static_cast<uint16_t>((0U | ... | (1U << registers)));
}

enum class Flow : uint8_t {
  kNext,         // continues with the next instruction
  kCall,         // returns to the next instruction
  kJump,         // never continues
  kConditional,  // may continue
  kReturn,
  kTrap,  // int3, ud2, hlt
};

// mov, movzx, movsx, movsxd or lea from `offset(base)` to a general register.
struct Access {
  uint8_t to = 0, base = 0;
  uint8_t width = 0;  // bytes loaded; 0: lea, the address itself
  int64_t offset = 0;
};

struct Instruction {
  uint64_t address = 0;
  uint8_t length = 0;
  Flow flow = Flow::kNext;
  bool emulated = false;  // the kernel emulates it under a uprobe: kernel_emulates()
  uint16_t writes = 0;    // mask of the general registers it may change
  uint64_t target = 0;    // of a direct branch; 0: none
  uint64_t slot = 0;      // address of the pointer through which a call or jump goes; 0: none
  std::optional<Access> access;

  uint64_t end() const { return address + length; }
};

// The instruction at the front of `code`, which is at `address`. Empty: not one.
std::optional<Instruction> decode(std::string_view code, uint64_t address);

// Whether the kernel emulates this instruction under a uprobe, instead of single-stepping a copy.
// From arch/x86/kernel/uprobes.c, 5.10 to 6.18: branch_setup_xol_ops() takes nop, relative call,
// jmp and jcc; push_setup_xol_ops() takes push of a register. Measured on 6.18, emulating costs
// about a fifteenth of a step. With prefixes versions differ (5.10 refuses a probe on 66 90), and
// longer nops are emulated only in the newest: both count as not emulated.
bool kernel_emulates(std::string_view instruction);

}  // namespace weft::resolve

// SPDX-License-Identifier: Apache-2.0
#include "agent/resolve/decode.h"

#include <Zydis/Zydis.h>
#include <array>
#include <span>

namespace weft::resolve {
namespace {

using Operands = std::array<ZydisDecodedOperand, ZYDIS_MAX_OPERAND_COUNT>;

const ZydisDecoder& decoder() {
  static const ZydisDecoder kDecoder = [] {
    ZydisDecoder out;
    ZydisDecoderInit(&out, ZYDIS_MACHINE_MODE_LONG_64, ZYDIS_STACK_WIDTH_64);
    return out;
  }();
  return kDecoder;
}

// The number of the 64-bit register that contains `part`; -1: not a general register.
int number(ZydisRegister part) {
  const ZydisRegister whole = ZydisRegisterGetLargestEnclosing(ZYDIS_MACHINE_MODE_LONG_64, part);
  return ZydisRegisterGetClass(whole) == ZYDIS_REGCLASS_GPR64 ? ZydisRegisterGetId(whole) : -1;
}

uint16_t written(std::span<const ZydisDecodedOperand> operands) {
  uint16_t out = 0;
  for (const auto& o : operands) {
    if (o.type != ZYDIS_OPERAND_TYPE_REGISTER) continue;
    if ((o.actions & ZYDIS_OPERAND_ACTION_MASK_WRITE) == 0) continue;
    const int n = number(o.reg.value);
    if (n >= 0) out = static_cast<uint16_t>(out | mask(n));
  }
  return out;
}

Flow flow(const ZydisDecodedInstruction& in) {
  if (in.meta.category == ZYDIS_CATEGORY_CALL) return Flow::kCall;
  if (in.meta.category == ZYDIS_CATEGORY_UNCOND_BR) return Flow::kJump;
  if (in.meta.category == ZYDIS_CATEGORY_COND_BR) return Flow::kConditional;
  if (in.meta.category == ZYDIS_CATEGORY_RET) return Flow::kReturn;
  const bool trap = in.meta.category == ZYDIS_CATEGORY_INTERRUPT ||
                    in.mnemonic == ZYDIS_MNEMONIC_UD0 || in.mnemonic == ZYDIS_MNEMONIC_UD1 ||
                    in.mnemonic == ZYDIS_MNEMONIC_UD2 || in.mnemonic == ZYDIS_MNEMONIC_HLT;
  return trap ? Flow::kTrap : Flow::kNext;
}

void take_target(const ZydisDecodedInstruction& in, const ZydisDecodedOperand& to,
                 Instruction& out) {
  ZyanU64 address = 0;
  if (!ZYAN_SUCCESS(ZydisCalcAbsoluteAddress(&in, &to, out.address, &address))) return;
  if (to.type == ZYDIS_OPERAND_TYPE_IMMEDIATE) out.target = address;
  if (to.type == ZYDIS_OPERAND_TYPE_MEMORY && to.mem.base == ZYDIS_REGISTER_RIP) out.slot = address;
}

bool copies(ZydisMnemonic mnemonic) {
  return mnemonic == ZYDIS_MNEMONIC_MOV || mnemonic == ZYDIS_MNEMONIC_MOVZX ||
         mnemonic == ZYDIS_MNEMONIC_MOVSX || mnemonic == ZYDIS_MNEMONIC_MOVSXD ||
         mnemonic == ZYDIS_MNEMONIC_LEA;
}

std::optional<Access> access(const ZydisDecodedInstruction& in, const Operands& operands) {
  const ZydisDecodedOperand& to = operands[0];
  const ZydisDecodedOperand& from = operands[1];
  if (!copies(in.mnemonic) || in.operand_count_visible != 2) return {};
  if (to.type != ZYDIS_OPERAND_TYPE_REGISTER || from.type != ZYDIS_OPERAND_TYPE_MEMORY) return {};
  if (from.mem.index != ZYDIS_REGISTER_NONE || from.mem.segment == ZYDIS_REGISTER_FS ||
      from.mem.segment == ZYDIS_REGISTER_GS) {
    return {};
  }
  const int target = number(to.reg.value);
  const int base = number(from.mem.base);
  if (target < 0 || base < 0) return {};
  const bool lea = in.mnemonic == ZYDIS_MNEMONIC_LEA;
  return Access{static_cast<uint8_t>(target), static_cast<uint8_t>(base),
                static_cast<uint8_t>(lea ? 0 : from.size / 8), from.mem.disp.value};
}

}  // namespace

bool kernel_emulates(std::string_view instruction) {
  const auto byte = [instruction](size_t i) {
    return static_cast<uint8_t>(i < instruction.size() ? instruction[i] : 0);
  };
  const uint8_t first = byte(0);
  const bool push = first >= 0x50 && first <= 0x57;
  const bool push_high = first == 0x41 && byte(1) >= 0x50 && byte(1) <= 0x57;
  const bool jcc = first >= 0x70 && first <= 0x7f;
  const bool jcc_near = first == 0x0f && byte(1) >= 0x80 && byte(1) <= 0x8f;
  const bool jump = first == 0xeb || first == 0xe9 || first == 0xe8;
  return push || push_high || jcc || jcc_near || jump || instruction == "\x90";
}

std::optional<Instruction> decode(std::string_view code, uint64_t address) {
  ZydisDecodedInstruction in;
  Operands operands;
  if (!ZYAN_SUCCESS(
          ZydisDecoderDecodeFull(&decoder(), code.data(), code.size(), &in, operands.data()))) {
    return {};
  }
  Instruction out;
  out.address = address;
  out.length = in.length;
  out.flow = flow(in);
  out.emulated = kernel_emulates(code.substr(0, in.length));
  out.writes = written(std::span(operands).first(in.operand_count));
  if (out.flow != Flow::kNext && in.operand_count_visible == 1) take_target(in, operands[0], out);
  out.access = access(in, operands);
  return out;
}

}  // namespace weft::resolve

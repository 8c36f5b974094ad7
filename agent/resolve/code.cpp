// SPDX-License-Identifier: Apache-2.0
#include "agent/resolve/code.h"

#include <algorithm>
#include <array>
#include <span>

namespace weft::resolve {
namespace {

constexpr size_t kMaxGetter = 10;  // instructions
constexpr size_t kMaxProlog = 12;  // instructions stepped over
constexpr size_t kLongest = 15;    // bytes of an instruction

constexpr std::array<uint8_t, 6> kSystemVArguments{kRdi, kRsi, kRdx, kRcx, kR8, kR9};
constexpr std::array<uint8_t, 9> kGoArguments{kRax, kRbx, kRcx, kRdi, kRsi, kR8, kR9, kR10, kR11};

uint16_t first_registers(std::span<const uint8_t> registers, size_t n) {
  uint16_t out = 0;
  for (const uint8_t r : registers.first(std::min(n, registers.size()))) {
    out = static_cast<uint16_t>(out | mask(r));
  }
  return out;
}

uint16_t kept(Abi abi, size_t arguments) {
  switch (abi) {
    case Abi::kSystemV:
      return first_registers(kSystemVArguments, arguments);
    case Abi::kGo:  // and the goroutine
      return static_cast<uint16_t>(first_registers(kGoArguments, arguments) | mask(kR14));
  }
  return 0;
}

// The first emulated instruction reached from the entry by stepping over others only.
std::optional<Probe> near_entry(const ElfFile& elf, const Function& function, uint16_t keep) {
  std::optional<Probe> out;
  bool entry_stack = true;
  size_t steps = 0;
  walk(elf, {function.address, std::min<uint64_t>(function.size, kMaxProlog * kLongest)},
       [&](const Instruction& in) {
         if (in.emulated) out = Probe{in.address, true, entry_stack};
         if (in.flow != Flow::kNext || (in.writes & keep) != 0) return false;
         if ((in.writes & mask(kRsp)) != 0) entry_stack = false;
         return !out && ++steps < kMaxProlog;
       });
  return out;
}

// Whether the probe is hit once per call: the whole function decodes, and no jump in it leads to
// the range after its entry up to the probe.
bool passed_once(const ElfFile& elf, const Function& function, uint64_t probe) {
  bool once = true;
  const bool whole = walk(elf, function, [&](const Instruction& in) {
    const bool branch = in.flow == Flow::kJump || in.flow == Flow::kConditional;
    once = !branch || in.target <= function.address || in.target > probe;
    return once;
  });
  return whole && once;
}

}  // namespace

bool leaves(const Instruction& in, const Function& function) {
  if (in.flow != Flow::kJump) return false;
  return in.slot != 0 || (in.target != 0 && !function.holds(in.target));
}

bool walk(const ElfFile& elf, const Function& function,
          const std::function<bool(const Instruction&)>& visit) {
  if (function.size == 0 || function.size > kMaxFunction) return false;
  const std::string code = elf.at(function.address, function.size);
  for (size_t at = 0; at < code.size();) {
    const auto in = decode(std::string_view(code).substr(at), function.address + at);
    if (!in) return false;
    if (!visit(*in)) return true;
    at += in->length;
  }
  return code.size() == function.size;
}

std::optional<Field> Code::accessor_offset(const Function& getter) const {
  std::optional<Field> out;
  std::optional<Field> last;  // what rax holds, if it is a field
  size_t steps = 0;
  walk(elf_, {getter.address, std::min<uint64_t>(getter.size, kMaxGetter * kLongest)},
       [&](const Instruction& in) {
         if (in.flow == Flow::kReturn) out = last;
         if (in.flow != Flow::kNext && in.flow != Flow::kConditional) return false;
         if ((in.writes & mask(kRdi)) != 0 || ++steps == kMaxGetter) return false;
         if ((in.writes & mask(kRax)) != 0) last.reset();
         if (in.access && in.access->to == kRax && in.access->base == kRdi) {
           last = Field{in.access->offset, in.access->width};
         }
         return true;
       });
  return out;
}

std::optional<Exits> Code::returns(const Function& function) const {
  Exits out;
  const bool whole = walk(elf_, function, [&](const Instruction& in) {
    if (in.flow == Flow::kReturn) out.returns.push_back(in.address);
    out.tail_calls |= leaves(in, function);
    return true;
  });
  return whole ? std::optional(std::move(out)) : std::nullopt;
}

Probe Code::first_emulatable(const Function& function, Abi abi, size_t arguments) const {
  const auto probe = near_entry(elf_, function, kept(abi, arguments));
  if (probe &&
      (probe->address == function.address || passed_once(elf_, function, probe->address))) {
    return *probe;
  }
  return {function.address, false, true};
}

}  // namespace weft::resolve

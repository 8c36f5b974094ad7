// SPDX-License-Identifier: Apache-2.0
// A procedure linkage table stub, whatever its section and the
// compiler's options, is a few bytes with "jmp *slot(%rip)" (ff 25) at most 5 bytes in.
#include "agent/resolve/call_graph.h"

#include <algorithm>
#include <elf.h>

#include "agent/base/bytes.h"
#include "agent/resolve/code.h"
#include "agent/resolve/pointers.h"
#include "agent/resolve/scan.h"

namespace weft::resolve {
namespace {

constexpr size_t kMaxSlots = 64 << 10;
constexpr size_t kMaxStubs = 64 << 10;
constexpr size_t kMaxCalls = 4096;
constexpr size_t kMaxCallers = 256;  // each is decoded
constexpr size_t kMaxEntries = 16;   // two stubs are usual
constexpr uint64_t kStubAlign = 8;
constexpr size_t kCall = 5;  // bytes: opcode, distance
constexpr uint8_t kCallOpcode = 0xe8;
constexpr uint8_t kJumpOpcode = 0xe9;

uint64_t target_at(std::string_view distance, uint64_t next) {
  return next + static_cast<uint64_t>(
                    static_cast<int64_t>(static_cast<int32_t>(ByteReader(distance).le32())));
}

// Addresses that look like calls of, or jumps to, one of `targets`.
std::vector<uint64_t> probes_of(const ElfFile& elf, const std::vector<uint64_t>& targets) {
  std::vector<uint64_t> out;
  for (const auto& s : code_sections(elf)) {
    slices(elf, s.offset, s.size, kCall - 1, [&](uint64_t at, std::string_view code) {
      for (size_t i = 0; i + kCall <= code.size(); ++i) {
        const auto opcode = static_cast<uint8_t>(code[i]);
        if (opcode != kCallOpcode && opcode != kJumpOpcode) continue;
        const uint64_t probe = s.address + at + i;
        const uint64_t target = target_at(code.substr(i + 1), probe + kCall);
        if (std::ranges::find(targets, target) != targets.end()) out.push_back(probe);
        if (out.size() == kMaxCalls) return false;
      }
      return true;
    });
  }
  return out;
}

}  // namespace

const CallGraph::Imports& CallGraph::imports() const {
  if (imports_) return *imports_;
  Imports out;
  relocations(elf_, [&out](const Relocation& r) {
    const bool slot = r.type == R_X86_64_JUMP_SLOT || r.type == R_X86_64_GLOB_DAT;
    if (slot) out.slots.push_back({r.place, r.symbol});
    return out.slots.size() < kMaxSlots;
  });
  std::ranges::sort(out.slots, {}, &Slot::place);
  for (const char* name : {".plt", ".plt.sec", ".plt.got"}) {
    const ElfFile::Section* s = elf_.section(name);
    if (!s) continue;
    for (const uint64_t at : find_all(elf_, s->offset, s->size, "\xff\x25", kMaxStubs)) {
      const uint64_t jump = s->address + at;
      const std::string distance = elf_.at(jump + 2, 4);
      out.stubs.push_back({jump / kStubAlign * kStubAlign, target_at(distance, jump + 6)});
    }
  }
  std::ranges::sort(out.stubs, {}, &Stub::address);
  return imports_.emplace(std::move(out));
}

uint32_t CallGraph::slot_symbol(uint64_t place) const {
  const auto& slots = imports().slots;
  const auto found = std::ranges::lower_bound(slots, place, {}, &Slot::place);
  return found != slots.end() && found->place == place ? found->symbol : 0;
}

std::string CallGraph::slot_name(uint64_t place) const {
  const uint32_t symbol = slot_symbol(place);
  return symbol == 0 ? std::string() : dynamic_name(elf_, dynamic_symbol(elf_, symbol));
}

std::string CallGraph::plt_name(uint64_t address) const {
  const auto& stubs = imports().stubs;
  const auto found = std::ranges::lower_bound(stubs, address, {}, &Stub::address);
  const bool exact = found != stubs.end() && found->address == address;
  return exact ? slot_name(found->slot) : std::string();
}

// The addresses of a function and of the stubs by which its own library calls it.
std::vector<uint64_t> CallGraph::entries_of(uint64_t address) const {
  std::vector<uint64_t> out{address};
  for (const Stub& stub : imports().stubs) {
    const uint32_t symbol = slot_symbol(stub.slot);
    if (out.size() == kMaxEntries) break;
    if (symbol != 0 && dynamic_symbol(elf_, symbol).address == address) {
      out.push_back(stub.address);
    }
  }
  return out;
}

std::vector<Call> CallGraph::callees(const Function& function) const {
  std::vector<Call> out;
  const bool whole = walk(elf_, function, [&](const Instruction& in) {
    const bool tail = leaves(in, function);
    if (in.flow == Flow::kCall || tail) {
      const std::string import = in.slot != 0 ? slot_name(in.slot) : plt_name(in.target);
      out.push_back({in.address, in.target, import, tail});
    }
    return out.size() < kMaxCalls;
  });
  return whole ? out : std::vector<Call>();
}

std::vector<CallGraph::Caller> CallGraph::callers(uint64_t address) const {
  std::vector<Caller> out;
  for (const uint64_t probe : probes_of(elf_, entries_of(address))) {
    const auto function = unwind_.function_at(probe);
    if (!function || out.size() == kMaxCallers) continue;
    walk(elf_, *function, [&](const Instruction& in) {
      const bool call = in.flow == Flow::kCall || in.flow == Flow::kJump;
      if (in.address == probe && call) out.push_back({*function, probe});
      return in.address < probe;
    });
  }
  return out;
}

size_t CallGraph::direct_calls(uint64_t address) const {
  return probes_of(elf_, entries_of(address)).size();
}

}  // namespace weft::resolve

// SPDX-License-Identifier: Apache-2.0
#include "agent/resolve/pointers.h"

#include <algorithm>
#include <elf.h>
#include <optional>

#include "agent/base/bytes.h"
#include "agent/resolve/scan.h"

namespace weft::resolve {
namespace {

constexpr size_t kMaxName = 4096;  // a mangled name of deep templates

const ElfFile::Section* dynamic_symbols(const ElfFile& elf) {
  const auto found =
      std::ranges::find(elf.sections(), uint32_t{SHT_DYNSYM}, &ElfFile::Section::type);
  return found == elf.sections().end() ? nullptr : &*found;
}

// What a relocation makes its place point to; none: not a pointer into this file.
std::optional<uint64_t> pointed(const ElfFile& elf, const Relocation& r) {
  if (r.type == R_X86_64_RELATIVE) return r.addend;
  if (r.type != R_X86_64_64 && r.type != R_X86_64_GLOB_DAT) return {};
  const uint64_t symbol = dynamic_symbol(elf, r.symbol).address;
  return symbol == 0 ? std::nullopt : std::optional(symbol + r.addend);
}

void find_in_place(const ElfFile& elf, const ElfFile::Section& s, uint64_t address, size_t limit,
                   std::vector<uint64_t>& out) {
  std::string bytes;
  for (unsigned i = 0; i < 8; ++i) bytes += static_cast<char>(address >> 8 * i);
  for (const uint64_t at : find_all(elf, s.offset, s.size, bytes, limit)) {
    if ((s.address + at) % 8 == 0 && out.size() < limit) out.push_back(s.address + at);
  }
}

}  // namespace

void relocations(const ElfFile& elf, const std::function<bool(const Relocation&)>& visit) {
  for (const auto& s : data_sections(elf)) {
    if (s.type != SHT_RELA) continue;
    records(elf, s, sizeof(Elf64_Rela), [&visit](std::string_view bytes) {
      ByteReader in(bytes);
      Relocation r;
      r.place = in.le64();
      r.type = in.le32();
      r.symbol = in.le32();
      r.addend = in.le64();
      return visit(r);
    });
  }
}

DynamicSymbol dynamic_symbol(const ElfFile& elf, uint32_t number) {
  const ElfFile::Section* table = dynamic_symbols(elf);
  const uint64_t at = number * sizeof(Elf64_Sym);
  if (!table || number == 0 || at >= table->size || table->offset > UINT64_MAX - at) return {};
  const std::string bytes = elf.bytes(table->offset + at, table->size - at, sizeof(Elf64_Sym));
  ByteReader in(bytes);
  DynamicSymbol out;
  out.name = in.le32();
  in.take(2);  // info, other
  const bool defined = in.le16() != SHN_UNDEF;
  const uint64_t value = in.le64();
  out.address = defined ? value : 0;
  return out;
}

std::string dynamic_name(const ElfFile& elf, const DynamicSymbol& symbol) {
  const ElfFile::Section* table = dynamic_symbols(elf);
  if (!table || table->link >= elf.sections().size()) return {};
  const ElfFile::Section& names = elf.sections()[table->link];
  if (symbol.name >= names.size || names.offset > UINT64_MAX - symbol.name) return {};
  const std::string text =
      elf.bytes(names.offset + symbol.name, names.size - symbol.name, kMaxName);
  return text.substr(0, text.find('\0'));
}

std::vector<uint64_t> pointers_at(const ElfFile& elf, std::span<const uint64_t> places) {
  std::vector<uint64_t> out;
  for (const uint64_t place : places) {
    const std::string bytes = elf.at(place, 8);
    out.push_back(ByteReader(bytes).le64());
  }
  relocations(elf, [&](const Relocation& r) {
    for (size_t i = 0; i < places.size(); ++i) {
      if (places[i] == r.place) out[i] = pointed(elf, r).value_or(0);
    }
    return true;
  });
  return out;
}

std::vector<uint64_t> pointers_to(const ElfFile& elf, uint64_t address, size_t limit) {
  std::vector<uint64_t> out;
  if (address == 0) return out;
  relocations(elf, [&](const Relocation& r) {
    if (out.size() < limit && pointed(elf, r) == address) out.push_back(r.place);
    return out.size() < limit;
  });
  for (const auto& s : data_sections(elf)) {
    if (s.type == SHT_PROGBITS) find_in_place(elf, s, address, limit, out);
  }
  std::ranges::sort(out);
  const auto repeated = std::ranges::unique(out);
  out.erase(repeated.begin(), repeated.end());
  return out;
}

}  // namespace weft::resolve

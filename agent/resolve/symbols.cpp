// SPDX-License-Identifier: Apache-2.0
// Searches the strings first, then the few entries that refer to a match: no
// string is made per symbol.
#include "agent/resolve/symbols.h"

#include <algorithm>
#include <elf.h>

#include "agent/base/bytes.h"
#include "agent/resolve/scan.h"

namespace weft::resolve {
namespace {

constexpr size_t kMaxNames = 8192;   // of strings with a prefix
constexpr size_t kMaxSymbols = 256;  // with it

struct Entry {
  uint32_t name = 0;
  uint8_t type = 0;
  uint16_t section = 0;
  uint64_t address = 0, size = 0;
};

Entry entry(std::string_view bytes) {
  ByteReader in(bytes);
  Entry out;
  out.name = in.le32();
  out.type = in.u8() & 15;
  in.u8();
  out.section = in.le16();
  out.address = in.le64();
  out.size = in.le64();
  return out;
}

bool usable(const Entry& e) {
  return (e.type == STT_FUNC || e.type == STT_OBJECT) && e.address != 0 && e.section != SHN_UNDEF &&
         e.section < SHN_LORESERVE;
}

const ElfFile::Section* strings_of(const ElfFile& elf, const ElfFile::Section& table) {
  return table.link < elf.sections().size() ? &elf.sections()[table.link] : nullptr;
}

std::string text(const ElfFile& elf, const ElfFile::Section& strings, uint32_t at) {
  constexpr size_t kMaxName = 4096;
  const std::string out = elf.bytes(strings.offset + at, strings.size - at, kMaxName);
  return out.substr(0, out.find('\0'));
}

// Symbols whose name begins with `bytes`, which may include the final NUL.
void match(const ElfFile& elf, const ElfFile::Section& table, std::string_view bytes, size_t limit,
           std::vector<Symbol>& out) {
  const ElfFile::Section* strings = strings_of(elf, table);
  if (!strings) return;
  const auto names = find_all(elf, strings->offset, strings->size, bytes, kMaxNames);
  if (names.empty()) return;
  records(elf, table, sizeof(Elf64_Sym), [&](std::string_view record) {
    const uint32_t name = ByteReader(record).le32();
    if (!std::ranges::binary_search(names, uint64_t{name})) return true;
    const Entry e = entry(record);
    if (!usable(e)) return true;
    const auto kind = e.type == STT_FUNC ? Symbol::Kind::kFunction : Symbol::Kind::kObject;
    out.push_back({text(elf, *strings, name), e.address, e.size, kind, table.type == SHT_DYNSYM});
    return out.size() < limit;
  });
}

// Dynamic symbols first: they are few, and survive stripping.
std::vector<Symbol> matches(const ElfFile& elf, std::string_view bytes, size_t limit) {
  std::vector<Symbol> out;
  for (const uint32_t type : {SHT_DYNSYM, SHT_SYMTAB}) {
    const auto table = std::ranges::find(elf.sections(), type, &ElfFile::Section::type);
    if (table != elf.sections().end() && out.size() < limit) match(elf, *table, bytes, limit, out);
  }
  return out;
}

}  // namespace

std::optional<Symbol> Symbols::find(std::string_view name) const {
  if (name.empty()) return {};
  auto found = matches(elf_, std::string(name) + '\0', 1);
  return found.empty() ? std::nullopt : std::optional(std::move(found.front()));
}

std::vector<Symbol> Symbols::with_prefix(std::string_view prefix) const {
  auto found = matches(elf_, prefix, kMaxSymbols);
  std::erase_if(found, [](const Symbol& s) { return s.name.contains('.'); });
  std::ranges::stable_sort(found, {}, &Symbol::address);
  const auto repeated = std::ranges::unique(found, {}, &Symbol::address);
  found.erase(repeated.begin(), repeated.end());
  return found;
}

bool Symbols::exported(uint64_t address) const {
  const auto table =
      std::ranges::find(elf_.sections(), uint32_t{SHT_DYNSYM}, &ElfFile::Section::type);
  bool found = false;
  if (table == elf_.sections().end()) return found;
  records(elf_, *table, sizeof(Elf64_Sym), [&](std::string_view record) {
    const Entry e = entry(record);
    found = usable(e) && e.address == address;
    return !found;
  });
  return found;
}

}  // namespace weft::resolve

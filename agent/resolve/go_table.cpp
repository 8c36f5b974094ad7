// SPDX-License-Identifier: Apache-2.0
// .gopclntab of Go 1.18 and later (runtime.pcHeader):
//
//   magic (4) | 0 0 | quantum | pointer size | then words: functions, files, text, and the
//   offsets of the names, units, files, pcs and functions in the section
//
// The functions: pairs of 32 bits (entry from `text`, offset of a record from the table's
// beginning), sorted, and one more entry for the end. A record: entry (4) | name (4) | …
// Since 1.26 `text` is 0; then runtime.moduledata, which points to the header, has it:
// the first and the last function's addresses stand there side by side.
#include "agent/resolve/go_table.h"

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "agent/base/bytes.h"
#include "agent/resolve/pointers.h"
#include "agent/resolve/scan.h"

namespace weft::resolve {
namespace {

constexpr uint32_t kGo118 = 0xfffffff0;
constexpr uint32_t kGo120 = 0xfffffff1;
constexpr size_t kHead = 8 + 8 * 8;
constexpr size_t kTextAt = 8 + 2 * 8;
constexpr size_t kPair = 8;
constexpr size_t kMaxNames = 64;
constexpr uint64_t kMaxFunctions = 1 << 20;  // kubelet: 100 000
constexpr size_t kModuleWords = 48;

struct Table {
  ElfFile::Section section;
  uint64_t count = 0;
  uint64_t names = 0, names_end = 0;  // offsets in the section
  uint64_t pairs = 0;
};

const ElfFile::Section* section(const ElfFile& elf) {
  const ElfFile::Section* plain = elf.section(".gopclntab");
  return plain ? plain : elf.section(".data.rel.ro.gopclntab");  // linked as PIE by another
}

std::optional<Table> table(const ElfFile& elf) {
  const ElfFile::Section* at = section(elf);
  if (!at) return {};
  const std::string head = elf.bytes(at->offset, at->size, kHead);
  ByteReader in(head);
  const uint32_t magic = in.le32();
  in.take(3);
  if ((magic != kGo118 && magic != kGo120) || in.u8() != 8) return {};
  Table out{*at};
  const uint64_t count = in.le64();
  in.take(2 * 8);  // files, text
  out.names = in.le64();
  out.names_end = in.le64();
  in.take(2 * 8);  // files, pcs
  out.pairs = in.le64();
  if (!in.ok() || out.pairs > at->size || out.names > out.names_end || out.names_end > at->size) {
    return {};
  }
  out.count = std::min({count, (at->size - out.pairs) / kPair, kMaxFunctions});
  return out;
}

// n bytes at an offset in the section.
std::string bytes_at(const ElfFile& elf, const Table& t, uint64_t at, size_t n) {
  if (at > t.section.size || at > UINT64_MAX - t.section.offset) return {};
  return elf.bytes(t.section.offset + at, t.section.size - at, n);
}

uint32_t number_at(const ElfFile& elf, const Table& t, uint64_t at) {
  const std::string bytes = bytes_at(elf, t, at, 4);
  return ByteReader(bytes).le32();
}

// The number of the function whose name begins at one of these offsets.
std::optional<uint64_t> named(const ElfFile& elf, const Table& t,
                              const std::vector<uint64_t>& names) {
  if (names.empty()) return {};
  for (uint64_t i = 0; i < t.count; ++i) {
    const uint64_t record = number_at(elf, t, t.pairs + i * kPair + 4);
    const uint32_t name = number_at(elf, t, t.pairs + record + 4);
    if (std::ranges::binary_search(names, uint64_t{name})) return i;
  }
  return {};
}

uint64_t text_of_module(const ElfFile& elf, const Table& t) {
  const uint32_t first = number_at(elf, t, t.pairs);
  const uint64_t length = number_at(elf, t, t.pairs + t.count * kPair) - first;
  for (const uint64_t module : pointers_to(elf, t.section.address, 8)) {
    std::array<uint64_t, kModuleWords> places;
    for (size_t i = 0; i < places.size(); ++i) places[i] = module + 8 * i;
    const auto words = pointers_at(elf, places);
    for (size_t i = 1; i < words.size(); ++i) {
      if (words[i] - words[i - 1] == length && is_code(elf, words[i - 1])) {
        return words[i - 1] - first;
      }
    }
  }
  return 0;
}

uint64_t text(const ElfFile& elf, const Table& t) {
  const uint64_t place = t.section.address + kTextAt;
  const uint64_t text = pointers_at(elf, {&place, 1}).front();
  return text != 0 ? text : text_of_module(elf, t);
}

}  // namespace

std::optional<Function> GoTable::find(std::string_view name) const {
  const auto t = table(elf_);
  if (!t || name.empty()) return {};
  const auto names = find_all(elf_, t->section.offset + t->names, t->names_end - t->names,
                              std::string(name) + '\0', kMaxNames);
  const auto found = named(elf_, *t, names);
  if (!found) return {};
  const uint64_t pair = t->pairs + *found * kPair;
  const uint32_t entry = number_at(elf_, *t, pair);
  const uint64_t end = number_at(elf_, *t, pair + kPair);
  const uint64_t start = text(elf_, *t);
  if (start == 0 || end <= entry || !is_code(elf_, start + entry)) return {};
  return Function{start + entry, end - entry};
}

}  // namespace weft::resolve

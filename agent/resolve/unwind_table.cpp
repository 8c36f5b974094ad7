// SPDX-License-Identifier: Apache-2.0
// .eh_frame_hdr: a table of (function, unwind entry) sorted by function, from which a
// debugger, an exception, and so a stripped program, finds its functions' bounds.
//
//   version 1 | encodings: pointer, count, table | pointer (4) | count (4) | table
//
// Only the encodings that linkers write: count udata4 (0x03), table sdata4 relative to the
// header (0x3b), unwind entries relative to themselves. The entry must name the same
// function as the table, which proves its encoding.
#include "agent/resolve/unwind_table.h"

#include <algorithm>
#include <elf.h>
#include <string>

#include "agent/base/bytes.h"

namespace weft::resolve {
namespace {

constexpr size_t kHead = 12;
constexpr size_t kEntry = 8;

// A 32-bit distance from an address.
uint64_t relative(uint64_t from, uint32_t distance) {
  return from + static_cast<uint64_t>(static_cast<int64_t>(static_cast<int32_t>(distance)));
}

struct Header {
  uint64_t address = 0;
  uint64_t count = 0;
};

std::optional<Header> header(const ElfFile& elf) {
  using std::string_view_literals::operator""sv;
  const auto segment =
      std::ranges::find(elf.segments(), uint32_t{PT_GNU_EH_FRAME}, &ElfFile::Segment::type);
  if (segment == elf.segments().end()) return {};
  const std::string head = elf.at(segment->address, kHead);
  if (head.size() < kHead || head[0] != 1 || head.substr(2, 2) != "\x03\x3b"sv) return {};
  const uint64_t count = ByteReader(std::string_view(head).substr(8)).le32();
  return Header{segment->address, std::min(count, (segment->size - kHead) / kEntry)};
}

struct Row {
  uint64_t function = 0;
  uint64_t unwind = 0;
};

Row row(const ElfFile& elf, const Header& h, uint64_t i) {
  const std::string bytes = elf.at(h.address + kHead + i * kEntry, kEntry);
  ByteReader in(bytes);
  const uint32_t function = in.le32();
  return {relative(h.address, function), relative(h.address, in.le32())};
}

// length | distance to the common part | function, relative | size
std::optional<Function> bounds(const ElfFile& elf, const Row& row) {
  const std::string bytes = elf.at(row.unwind, 16);
  ByteReader in(bytes);
  in.take(8);
  const uint64_t function = relative(row.unwind + 8, in.le32());
  const uint64_t size = in.le32();
  if (!in.ok() || function != row.function || size == 0) return {};
  return Function{function, size};
}

}  // namespace

std::optional<Function> UnwindTable::function_at(uint64_t address) const {
  const auto table = header(elf_);
  if (!table || table->count == 0) return {};
  uint64_t low = 0;
  for (uint64_t n = table->count; n > 1;) {
    const uint64_t half = n / 2;
    if (row(elf_, *table, low + half).function <= address) low += half;
    n -= half;
  }
  const auto found = bounds(elf_, row(elf_, *table, low));
  return found && found->holds(address) ? found : std::nullopt;
}

}  // namespace weft::resolve

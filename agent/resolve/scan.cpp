// SPDX-License-Identifier: Apache-2.0
#include "agent/resolve/scan.h"

#include <algorithm>
#include <elf.h>

namespace weft::resolve {
namespace {

constexpr size_t kSlice = 64 << 10;
constexpr uint64_t kReadCost = 64;  // taken from the budget for each read, besides its bytes

std::vector<ElfFile::Section> loaded(const ElfFile& elf, uint64_t executable) {
  std::vector<ElfFile::Section> out;
  for (const auto& s : elf.sections()) {
    if (s.type == SHT_NOBITS || (s.flags & SHF_ALLOC) == 0) continue;
    if ((s.flags & SHF_EXECINSTR) != executable || out.size() == kMaxParts) continue;
    out.push_back(s);
  }
  return out;
}

}  // namespace

std::string CachedBytes::read(uint64_t offset, size_t n) const {
  if (offset > INT64_MAX || left_ < n + kReadCost) return {};
  left_ -= n + kReadCost;
  if (n >= kBlock) return source_.read(offset, n);
  std::string out;
  while (out.size() < n) {
    const uint64_t at = offset + out.size();
    const std::string& bytes = block(at / kBlock);
    if (bytes.size() <= at % kBlock) break;
    out += std::string_view(bytes).substr(at % kBlock, n - out.size());
  }
  return out;
}

const std::string& CachedBytes::block(uint64_t number) const {
  Block& block = blocks_[number % kBlocks];
  if (block.number != number) block = {number, source_.read(number * kBlock, kBlock)};
  return block.bytes;
}

void slices(const ElfFile& elf, uint64_t offset, uint64_t size, size_t overlap,
            const std::function<bool(uint64_t at, std::string_view bytes)>& visit) {
  if (size > UINT64_MAX - offset) return;
  for (uint64_t at = 0; at < size;) {
    const std::string bytes = elf.bytes(offset + at, size - at, kSlice + overlap);
    if (bytes.empty() || !visit(at, bytes) || bytes.size() <= overlap) return;
    if (bytes.size() < kSlice + overlap) return;
    at += kSlice;
  }
}

void records(const ElfFile& elf, const ElfFile::Section& table, size_t entry,
             const std::function<bool(std::string_view)>& visit) {
  const uint64_t step = kSlice / entry * entry;
  for (uint64_t at = 0; at < table.size && table.offset <= UINT64_MAX - at; at += step) {
    const std::string bytes = elf.bytes(table.offset + at, table.size - at, step);
    for (size_t i = 0; i + entry <= bytes.size(); i += entry) {
      if (!visit(std::string_view(bytes).substr(i, entry))) return;
    }
    if (bytes.size() < step) return;
  }
}

std::vector<uint64_t> find_all(const ElfFile& elf, uint64_t offset, uint64_t size,
                               std::string_view bytes, size_t limit) {
  std::vector<uint64_t> out;
  if (bytes.empty()) return out;
  slices(elf, offset, size, bytes.size() - 1, [&](uint64_t at, std::string_view slice) {
    for (size_t i = 0; (i = slice.find(bytes, i)) != std::string_view::npos; ++i) {
      if (out.size() == limit) return false;
      out.push_back(at + i);
    }
    return true;
  });
  return out;
}

std::vector<ElfFile::Section> code_sections(const ElfFile& elf) {
  return loaded(elf, SHF_EXECINSTR);
}

std::vector<ElfFile::Section> data_sections(const ElfFile& elf) {
  return loaded(elf, 0);
}

bool is_code(const ElfFile& elf, uint64_t address) {
  return std::ranges::any_of(elf.sections(), [address](const ElfFile::Section& s) {
    return (s.flags & SHF_EXECINSTR) != 0 && address >= s.address && address - s.address < s.size;
  });
}

}  // namespace weft::resolve

// SPDX-License-Identifier: Apache-2.0
// Walks over parts of a file that may be larger than what one wants in memory.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "agent/discover/proc/elf_file.h"

namespace weft::resolve {

// Small reads, mostly near the last ones, made cheap by a few blocks in memory. After
// `budget` bytes it gives none: what a query costs has an end whatever the file claims.
// Borrows the source. One thread.
class CachedBytes final : public Bytes {
 public:
  CachedBytes(const Bytes& source, uint64_t budget) : source_(source), left_(budget) {}
  std::string read(uint64_t offset, size_t n) const override;

 private:
  static constexpr size_t kBlock = 16 << 10;
  static constexpr size_t kBlocks = 32;
  struct Block {
    uint64_t number = UINT64_MAX;
    std::string bytes;
  };
  const std::string& block(uint64_t number) const;

  const Bytes& source_;
  mutable uint64_t left_;
  mutable std::array<Block, kBlocks> blocks_;  // number modulo kBlocks
};

// Shows [offset, offset + size) of the file in slices, as far as it exists; each begins
// with the last `overlap` bytes of the one before. `at` counts from `offset`. false stops.
void slices(const ElfFile& elf, uint64_t offset, uint64_t size, size_t overlap,
            const std::function<bool(uint64_t at, std::string_view bytes)>& visit);

// Shows a table's entries, each of `entry` bytes. false stops.
void records(const ElfFile& elf, const ElfFile::Section& table, size_t entry,
             const std::function<bool(std::string_view)>& visit);

// Where in [offset, offset + size) the bytes occur, from `offset`, ascending; at most `limit`.
std::vector<uint64_t> find_all(const ElfFile& elf, uint64_t offset, uint64_t size,
                               std::string_view bytes, size_t limit);

// Sections that the process will have in memory, with contents in the file: code or data.
// At most kMaxParts, more than any linker makes.
inline constexpr size_t kMaxParts = 64;
std::vector<ElfFile::Section> code_sections(const ElfFile& elf);
std::vector<ElfFile::Section> data_sections(const ElfFile& elf);
// Is there code at the address?
bool is_code(const ElfFile& elf, uint64_t address);

}  // namespace weft::resolve

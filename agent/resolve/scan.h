// SPDX-License-Identifier: Apache-2.0
// Iterates over parts of a file that may be too large to hold in memory.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "agent/discover/proc/elf_file.h"

namespace weft::resolve {

// Makes small reads, mostly near earlier ones, cheap with a few cached blocks. After `budget` bytes
// it returns none, so that a query's cost is bounded whatever the file claims. Borrows the source.
// One thread.
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

// Visits [offset, offset + size) of the file in slices, as far as it exists; each slice begins with
// the last `overlap` bytes of the one before. `at` counts from `offset`. `visit` returns false to
// stop.
void slices(const ElfFile& elf, uint64_t offset, uint64_t size, size_t overlap,
            const std::function<bool(uint64_t at, std::string_view bytes)>& visit);

// Visits a table's entries, each of `entry` bytes. `visit` returns false to stop.
void records(const ElfFile& elf, const ElfFile::Section& table, size_t entry,
             const std::function<bool(std::string_view)>& visit);

// Offsets at which the bytes occur in [offset, offset + size), relative to `offset`, ascending; at
// most `limit`.
std::vector<uint64_t> find_all(const ElfFile& elf, uint64_t offset, uint64_t size,
                               std::string_view bytes, size_t limit);

// Code or data sections that are loaded and have contents in the file. At most kMaxParts, more than
// any linker makes.
inline constexpr size_t kMaxParts = 64;
std::vector<ElfFile::Section> code_sections(const ElfFile& elf);
std::vector<ElfFile::Section> data_sections(const ElfFile& elf);
// Whether there is code at the address.
bool is_code(const ElfFile& elf, uint64_t address);

}  // namespace weft::resolve

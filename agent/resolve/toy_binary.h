// SPDX-License-Identifier: Apache-2.0
// For tests: builds programs with the tables that the resolver reads.
#pragma once

#include <elf.h>
#include <memory>
#include <string>
#include <vector>

#include "agent/discover/proc/elf_builder.h"
#include "agent/resolve/binary.h"

namespace weft::testing {

inline std::string le32(uint64_t value) {
  return ElfBuilder::number(value, 4);
}
inline std::string le64(uint64_t value) {
  return ElfBuilder::number(value, 8);
}

// Owns its text.
class TextBytes final : public Bytes {
 public:
  explicit TextBytes(std::string text) : text_(std::move(text)) {}
  std::string read(uint64_t offset, size_t n) const override {
    return MemoryBytes(text_).read(offset, n);
  }

 private:
  std::string text_;
};

class ToyBinary {
 public:
  // The address at which the next part will be.
  uint64_t next() const { return elf_.next(); }

  uint64_t part(const std::string& name, const std::string& bytes, uint64_t flags,
                uint32_t type = SHT_PROGBITS, uint32_t link = 0) {
    const uint64_t address = next();
    elf_.section(name, type, bytes, link, flags);
    ++parts_;
    return address;
  }
  uint64_t code(const std::string& bytes, const std::string& name = ".text") {
    return part(name, bytes, SHF_ALLOC | SHF_EXECINSTR);
  }
  uint64_t data(const std::string& bytes, const std::string& name = ".data") {
    return part(name, bytes, SHF_ALLOC);
  }
  // Returns its number. Section 0: imported.
  uint32_t symbol(const std::string& name, uint64_t address, uint64_t size = 0,
                  uint8_t type = STT_FUNC, uint16_t section = 1) {
    symbols_ += symbol_entry(names_.size(), address, size, type, section);
    names_ += name + '\0';
    return static_cast<uint32_t>(symbols_.size() / sizeof(Elf64_Sym) - 1);
  }
  static std::string symbol_entry(uint64_t name, uint64_t address, uint64_t size, uint8_t type,
                                  uint16_t section) {
    return le32(name) + ElfBuilder::number(type, 1) + '\0' + ElfBuilder::number(section, 2) +
           le64(address) + le64(size);
  }
  void relocation(uint64_t place, uint32_t type, uint32_t symbol, uint64_t addend) {
    relocations_ += le64(place) + le32(type) + le32(symbol) + le64(addend);
  }
  // A symbol of .symtab.
  void static_symbol(const std::string& name, uint64_t address) {
    static_symbols_ += symbol_entry(static_names_.size(), address, 1, STT_FUNC, 1);
    static_names_ += name + '\0';
  }
  // Adds a function's bounds to the unwind table; call in ascending order.
  void function(uint64_t address, uint64_t size) { functions_.push_back({address, size}); }

  std::string text() {
    if (!functions_.empty()) unwind_table();
    part(".dynstr", names_, SHF_ALLOC, SHT_STRTAB);
    part(".dynsym", symbols_, SHF_ALLOC, SHT_DYNSYM, parts_);
    part(".strtab", static_names_, 0, SHT_STRTAB);
    part(".symtab", static_symbols_, 0, SHT_SYMTAB, parts_);
    part(".rela.dyn", relocations_, SHF_ALLOC, SHT_RELA);
    return elf_.build();
  }
  std::unique_ptr<resolve::Binary> build() { return open(text()); }
  static std::unique_ptr<resolve::Binary> open(std::string text) {
    auto out = resolve::Binary::over(std::make_unique<TextBytes>(std::move(text)), "toy");
    return out ? std::move(*out) : nullptr;
  }
  ElfBuilder& elf() { return elf_; }

 private:
  void unwind_table() {
    std::vector<uint64_t> entries;
    for (const auto& f : functions_) {
      const uint64_t at = next();
      entries.push_back(at);
      elf_.put(le32(16) + le32(0) + le32(f.address - (at + 8)) + le32(f.size) + le32(0));
    }
    const uint64_t header = next();
    std::string table = "\x01\x1b\x03\x3b" + le32(0) + le32(functions_.size());
    for (size_t i = 0; i < functions_.size(); ++i) {
      table += le32(functions_[i].address - header) + le32(entries[i] - header);
    }
    elf_.put(table);
    elf_.segment(PT_GNU_EH_FRAME, header - ElfBuilder::kBase, table.size());
  }

  ElfBuilder elf_;
  uint32_t parts_ = 0;
  std::string names_ = std::string(1, '\0'), static_names_ = std::string(1, '\0');
  std::string symbols_ = std::string(sizeof(Elf64_Sym), '\0');
  std::string static_symbols_ = std::string(sizeof(Elf64_Sym), '\0');
  std::string relocations_;
  std::vector<resolve::Function> functions_;
};

}  // namespace weft::testing

// SPDX-License-Identifier: Apache-2.0
// The tables of an ELF file: segments and sections, and reads by address or name.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agent/discover/proc/elf.h"

namespace weft {

// Borrows the bytes. Every count and size taken from the file is capped.
class ElfFile {
 public:
  struct Segment {
    uint32_t type = 0, flags = 0;
    uint64_t offset = 0, address = 0, size = 0, align = 0;  // size: in the file
  };
  struct Section {
    uint32_t name = 0, type = 0, link = 0;
    uint64_t flags = 0, address = 0, offset = 0, size = 0;
  };

  explicit ElfFile(const Bytes& file);
  bool valid() const { return valid_; }
  bool wide() const { return wide_; }            // 64 bits
  uint16_t machine() const { return machine_; }  // EM_*
  const std::vector<Segment>& segments() const { return segments_; }
  const std::vector<Section>& sections() const { return sections_; }

  const Section* section(std::string_view name) const;
  // At most `limit` bytes of a part of the file.
  std::string bytes(uint64_t offset, uint64_t size, size_t limit) const;
  // The file offset of the byte at a virtual address.
  std::optional<uint64_t> file_offset(uint64_t address) const;
  // n bytes at a virtual address; empty if not in the file.
  std::string at(uint64_t address, size_t n) const;
  // The NUL-terminated string at an address; at most 255 characters.
  std::string text_at(uint64_t address) const;

 private:
  const Segment* loaded(uint64_t address) const;
  void read_segments(uint64_t offset, size_t entry, size_t count);
  void read_sections(uint64_t offset, size_t entry, size_t count, size_t names);

  const Bytes& file_;
  bool valid_ = false;
  bool wide_ = false;
  uint16_t machine_ = 0;
  std::vector<Segment> segments_;
  std::vector<Section> sections_;
  std::string names_;
};

struct ElfNote {
  std::string_view name;  // without its NUL
  uint32_t type = 0;
  std::string_view content;
};

// Visits the notes of a segment or section, aligned to 4 or 8 bytes, up to the first malformed one.
void read_notes(std::string_view notes, size_t align, const std::function<void(ElfNote)>& visit);

}  // namespace weft

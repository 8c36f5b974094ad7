// SPDX-License-Identifier: Apache-2.0
// For tests: builds small, well-formed ELF files of either class.
#pragma once

#include <cstring>
#include <elf.h>
#include <string>
#include <utility>
#include <vector>

namespace weft::testing {

// One segment of type PT_LOAD maps the whole file at kBase.
class ElfBuilder {
 public:
  static constexpr uint64_t kBase = 0x400000;

  explicit ElfBuilder(bool wide = true) : wide_(wide), body_(4096, '\0') {}

  // Appends bytes; returns their offset in the file.
  uint64_t put(const std::string& bytes) {
    body_.resize((body_.size() + 15) / 16 * 16);
    const uint64_t offset = body_.size();
    body_ += bytes;
    return offset;
  }
  // The address at which the next bytes put, or the next section, will be.
  uint64_t next() const { return kBase + (body_.size() + 15) / 16 * 16; }
  void section(const std::string& name, uint32_t type, const std::string& bytes, uint32_t link = 0,
               uint64_t flags = 0) {
    sections_.push_back({name, type, put(bytes), bytes.size(), link, flags});
  }
  void segment(uint32_t type, uint64_t offset, uint64_t size, uint32_t flags = PF_R,
               uint64_t align = 4) {
    segments_.push_back({type, flags, offset, size, align});
  }
  void needed(const std::vector<std::string>& libraries) {
    std::string names(1, '\0');
    std::string table;
    for (const std::string& library : libraries) {
      table += pair(DT_NEEDED, names.size());
      names += library + '\0';
    }
    table += pair(DT_STRTAB, kBase + put(names)) + pair(DT_NULL, 0);
    const uint64_t offset = put(table);
    segment(PT_DYNAMIC, offset, table.size());
  }
  void note(const std::string& name, uint32_t type, const std::string& content) {
    std::string note = number(name.size() + 1, 4) + number(content.size(), 4) + number(type, 4);
    for (const std::string& part : {name + '\0', content}) {
      note += part + std::string((4 - part.size() % 4) % 4, '\0');
    }
    const uint64_t offset = put(note);
    segment(PT_NOTE, offset, note.size());
  }
  static std::string number(uint64_t value, size_t bytes) {
    std::string out;
    for (size_t i = 0; i < bytes; ++i) out += static_cast<char>(value >> 8 * i);
    return out;
  }
  std::string word(uint64_t value) const { return number(value, wide_ ? 8 : 4); }
  std::string symbol(uint64_t name, uint64_t value) const {
    return wide_ ? number(name, 4) + number(0x11, 4) + number(value, 8) + number(4, 8)
                 : number(name, 4) + number(value, 4) + number(4, 4) + number(0x11, 4);
  }

  std::string build() {
    std::string names(1, '\0');
    std::string sections = header_of(Section{});
    for (const Section& s : sections_) {
      sections += header_of(s, names.size());
      names += s.name + '\0';
    }
    sections += header_of(Section{"", SHT_STRTAB, put(names), names.size()});
    const uint64_t section_offset = put(sections);
    segment(PT_LOAD, 0, 1 << 20, PF_R, 4096);
    std::string segments;
    for (const Segment& s : segments_) segments += header_of(s);
    std::string head(
        "\x7f"
        "ELF",
        4);
    head += static_cast<char>(wide_ ? ELFCLASS64 : ELFCLASS32);
    head += std::string("\1\1", 2) + std::string(9, '\0');
    head += number(ET_EXEC, 2) + number(wide_ ? EM_X86_64 : EM_386, 2) + number(1, 4) + word(0);
    const size_t head_size = wide_ ? sizeof(Elf64_Ehdr) : sizeof(Elf32_Ehdr);
    head += word(head_size) + word(section_offset) + number(0, 4) + number(head_size, 2);
    head +=
        number(wide_ ? sizeof(Elf64_Phdr) : sizeof(Elf32_Phdr), 2) + number(segments_.size(), 2);
    head += number(wide_ ? sizeof(Elf64_Shdr) : sizeof(Elf32_Shdr), 2);
    head += number(stripped_ ? 0 : sections_.size() + 2, 2) + number(sections_.size() + 1, 2);
    head += segments;
    std::memcpy(body_.data(), head.data(), head.size());
    return body_;
  }
  // As sstrip does: no section table at all.
  void strip() { stripped_ = true; }

 private:
  struct Section {
    std::string name;
    uint32_t type = 0;
    uint64_t offset = 0, size = 0;
    uint32_t link = 0;
    uint64_t flags = 0;
  };
  struct Segment {
    uint32_t type = 0, flags = 0;
    uint64_t offset = 0, size = 0, align = 0;
  };
  std::string pair(uint64_t tag, uint64_t value) const { return word(tag) + word(value); }
  std::string header_of(const Section& s, uint64_t name = 0) const {
    return number(name, 4) + number(s.type, 4) + word(s.flags) + word(kBase + s.offset) +
           word(s.offset) + word(s.size) + number(s.link, 4) + number(0, 4) + word(1) + word(0);
  }
  std::string header_of(const Segment& s) const {
    const std::string flags = number(s.flags, 4);
    return number(s.type, 4) + (wide_ ? flags : "") + word(s.offset) + word(kBase + s.offset) +
           word(0) + word(s.size) + word(s.size) + (wide_ ? "" : flags) + word(s.align);
  }
  bool wide_;
  bool stripped_ = false;
  std::string body_;
  std::vector<Section> sections_;
  std::vector<Segment> segments_;
};

// As Go's linker writes it: the header, then the version, whose length takes one or two bytes.
inline std::string go_build_info(const std::string& version) {
  std::string info("\xff Go buildinf:", 14);
  info += std::string("\x08\x02", 2) + std::string(16, '\0');
  if (version.size() >= 128) info += static_cast<char>(version.size() | 128);
  info += static_cast<char>(version.size() < 128 ? version.size() : version.size() >> 7);
  return info + version + '\0';
}

}  // namespace weft::testing

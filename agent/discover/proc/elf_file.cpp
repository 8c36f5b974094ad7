// SPDX-License-Identifier: Apache-2.0
#include "agent/discover/proc/elf_file.h"

#include <algorithm>
#include <elf.h>

#include "agent/base/bytes.h"

namespace weft {
namespace {

// Real files have about 13 segments and 40 sections; even Chromium has no more.
constexpr size_t kMaxSegments = 128;
constexpr size_t kMaxSections = 4096;
constexpr size_t kMaxNames = 256 << 10;
constexpr size_t kMaxText = 255;

uint64_t word(ByteReader& in, bool wide) {
  return wide ? in.le64() : in.le32();
}

ElfFile::Segment segment(std::string_view bytes, bool wide) {
  ByteReader in(bytes);
  ElfFile::Segment s;
  s.type = in.le32();
  if (wide) s.flags = in.le32();
  s.offset = word(in, wide);
  s.address = word(in, wide);
  word(in, wide);  // physical address
  s.size = word(in, wide);
  word(in, wide);  // size in memory
  if (!wide) s.flags = in.le32();
  s.align = word(in, wide);
  return s;
}

ElfFile::Section section_of(std::string_view bytes, bool wide) {
  ByteReader in(bytes);
  ElfFile::Section s;
  s.name = in.le32();
  s.type = in.le32();
  s.flags = word(in, wide);
  s.address = word(in, wide);
  s.offset = word(in, wide);
  s.size = word(in, wide);
  s.link = in.le32();
  return s;
}

}  // namespace

ElfFile::ElfFile(const Bytes& file) : file_(file) {
  const std::string head = file.read(0, sizeof(Elf64_Ehdr));
  if (head.size() < sizeof(Elf32_Ehdr) || !head.starts_with(ELFMAG)) return;
  wide_ = head[EI_CLASS] == ELFCLASS64;
  if ((!wide_ && head[EI_CLASS] != ELFCLASS32) || head[EI_DATA] != ELFDATA2LSB) return;

  ByteReader in(head);
  in.take(EI_NIDENT + 2);  // type
  machine_ = in.le16();
  in.take(4);       // version
  word(in, wide_);  // entry point
  const uint64_t segments = word(in, wide_);
  const uint64_t sections = word(in, wide_);
  in.take(4 + 2);  // flags, size of this head
  const size_t segment_size = in.le16();
  const size_t segment_count = in.le16();
  const size_t section_size = in.le16();
  const size_t section_count = in.le16();
  const size_t names = in.le16();
  valid_ = in.ok();
  if (!valid_) return;
  read_segments(segments, segment_size, segment_count);
  read_sections(sections, section_size, section_count, names);
}

void ElfFile::read_segments(uint64_t offset, size_t entry, size_t count) {
  if (entry != (wide_ ? sizeof(Elf64_Phdr) : sizeof(Elf32_Phdr))) return;
  const std::string table = file_.read(offset, entry * std::min(count, kMaxSegments));
  for (size_t i = 0; i + entry <= table.size(); i += entry) {
    segments_.push_back(segment(std::string_view(table).substr(i, entry), wide_));
  }
}

void ElfFile::read_sections(uint64_t offset, size_t entry, size_t count, size_t names) {
  if (entry != (wide_ ? sizeof(Elf64_Shdr) : sizeof(Elf32_Shdr))) return;
  const std::string table = file_.read(offset, entry * std::min(count, kMaxSections));
  for (size_t i = 0; i + entry <= table.size(); i += entry) {
    sections_.push_back(section_of(std::string_view(table).substr(i, entry), wide_));
  }
  if (names >= sections_.size()) return;
  names_ = bytes(sections_[names].offset, sections_[names].size, kMaxNames);
}

const ElfFile::Section* ElfFile::section(std::string_view name) const {
  for (const Section& s : sections_) {
    if (s.name >= names_.size()) continue;
    const std::string_view rest = std::string_view(names_).substr(s.name);
    if (rest.substr(0, rest.find('\0')) == name) return &s;
  }
  return nullptr;
}

std::string ElfFile::bytes(uint64_t offset, uint64_t size, size_t limit) const {
  return file_.read(offset, static_cast<size_t>(std::min<uint64_t>(size, limit)));
}

const ElfFile::Segment* ElfFile::loaded(uint64_t address) const {
  for (const Segment& s : segments_) {
    if (s.type != PT_LOAD || address < s.address || address - s.address >= s.size) continue;
    return address - s.address <= UINT64_MAX - s.offset ? &s : nullptr;
  }
  return nullptr;
}

std::optional<uint64_t> ElfFile::file_offset(uint64_t address) const {
  const Segment* s = loaded(address);
  return s ? std::optional(s->offset + (address - s->address)) : std::nullopt;
}

std::string ElfFile::at(uint64_t address, size_t n) const {
  const Segment* s = loaded(address);
  if (!s) return {};
  const uint64_t into = address - s->address;
  return bytes(s->offset + into, s->size - into, n);
}

std::string ElfFile::text_at(uint64_t address) const {
  const std::string text = at(address, kMaxText + 1);
  const size_t end = text.find('\0');
  return end == std::string::npos ? std::string() : text.substr(0, end);
}

// A note: name size, content size, type; name, content, each padded to the alignment.
void read_notes(std::string_view notes, size_t align, const std::function<void(ElfNote)>& visit) {
  ByteReader in(notes);
  while (in.left() >= 12) {
    ElfNote note;
    const size_t name_size = in.le32();
    const size_t size = in.le32();
    note.type = in.le32();
    const auto padded = [align](size_t n) { return (n + align - 1) / align * align; };
    note.name = in.take(padded(name_size)).substr(0, name_size);
    while (note.name.ends_with('\0')) note.name.remove_suffix(1);
    note.content = in.rest().substr(0, size);
    if (!in.ok() || note.content.size() != size) return;
    visit(note);
    in.take(std::min(padded(size), in.left()));
  }
}

}  // namespace weft

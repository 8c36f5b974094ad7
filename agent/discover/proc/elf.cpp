// SPDX-License-Identifier: Apache-2.0
#include "agent/discover/proc/elf.h"

#include <algorithm>
#include <elf.h>
#include <unistd.h>

#include "agent/base/bytes.h"
#include "agent/discover/proc/elf_file.h"

namespace weft {
namespace {

constexpr size_t kMaxDynamic = 64 << 10;
constexpr size_t kMaxNeeded = 256;
constexpr size_t kMaxNotes = 64 << 10;
constexpr size_t kMaxComment = 64 << 10;
constexpr size_t kMaxSymbols = 64 << 10;
constexpr size_t kMaxSymbolNames = 4 << 20;
constexpr size_t kMaxVersion = 128;
constexpr size_t kGoSearch = 64 << 10;  // Go's own tools search this far

bool plain(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= ' ' && c <= '~'; });
}

std::string hex(std::string_view bytes) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string out;
  for (const char c : bytes) {
    out += kDigits[static_cast<uint8_t>(c) >> 4];
    out += kDigits[static_cast<uint8_t>(c) & 15];
  }
  return out;
}

std::vector<std::string> needed(const ElfFile& elf) {
  std::string table;
  for (const auto& s : elf.segments()) {
    if (s.type == PT_DYNAMIC) table = elf.bytes(s.offset, s.size, kMaxDynamic);
  }
  uint64_t names = 0;
  std::vector<uint64_t> offsets;
  ByteReader in(table);
  while (in.left() != 0 && offsets.size() < kMaxNeeded) {
    const uint64_t tag = elf.wide() ? in.le64() : in.le32();
    const uint64_t value = elf.wide() ? in.le64() : in.le32();
    if (!in.ok() || tag == DT_NULL) break;
    if (tag == DT_STRTAB) names = value;
    if (tag == DT_NEEDED) offsets.push_back(value);
  }
  std::vector<std::string> out;
  for (const uint64_t offset : offsets) {
    if (offset > UINT64_MAX - names) continue;
    if (std::string name = elf.text_at(names + offset); plain(name)) out.push_back(std::move(name));
  }
  return out;
}

void take_note(const ElfNote& note, ElfFacts& facts) {
  if (note.name == "GNU" && note.type == NT_GNU_BUILD_ID) {
    facts.build_id = hex(note.content.substr(0, 64));
  }
  if (note.name == "Go" && note.type == 4 && plain(note.content)) {
    facts.go_build_id = note.content.substr(0, kMaxVersion);
  }
}

// The section begins with "\xff Go buildinf:": a header of 32 bytes, then the version.
std::string go_build_info(const ElfFile& elf) {
  static constexpr std::string_view kMagic = "\xff Go buildinf:";
  constexpr size_t kLength = 32 + 4 + kMaxVersion;
  if (const auto* s = elf.section(".go.buildinfo")) {
    std::string info = elf.bytes(s->offset, s->size, kLength);
    return info.starts_with(kMagic) ? info : std::string();
  }
  if (!elf.sections().empty()) return {};
  for (const auto& s : elf.segments()) {
    if (s.type != PT_LOAD || (s.flags & (PF_X | PF_W)) != PF_W) continue;
    const std::string data = elf.bytes(s.offset, s.size, kGoSearch);
    for (size_t i = 0; (i = data.find(kMagic, i)) != std::string::npos; ++i) {
      if (i % 16 == 0) return data.substr(i, kLength);
    }
    return {};
  }
  return {};
}

// Until Go 1.17 the header points to a Go string: an address and a length.
std::string go_string(const ElfFile& elf, std::string_view head, size_t pointer) {
  const auto number = [pointer](ByteReader& in) { return pointer == 8 ? in.le64() : in.le32(); };
  ByteReader in(head);
  const std::string text = elf.at(number(in), 2 * pointer);
  ByteReader string(text);
  const uint64_t address = number(string);
  const uint64_t length = number(string);
  return string.ok() && length <= kMaxVersion ? elf.at(address, length) : std::string();
}

std::string go_version(const ElfFile& elf) {
  constexpr uint8_t kBigEndian = 1;
  constexpr uint8_t kInline = 2;
  const std::string info = go_build_info(elf);
  if (info.size() < 32) return {};
  const auto pointer = static_cast<uint8_t>(info[14]);
  const auto flags = static_cast<uint8_t>(info[15]);
  std::string version;
  if ((flags & kInline) != 0) {
    // A length of up to two bytes, 7 bits each, low first.
    ByteReader in(std::string_view(info).substr(32));
    size_t length = in.u8();
    if (length >= 128) length = (length & 127) | static_cast<size_t>(in.u8()) << 7;
    if (length <= kMaxVersion) version = in.take(length);
  } else if ((pointer == 8 || pointer == 4) && (flags & kBigEndian) == 0) {
    version = go_string(elf, std::string_view(info).substr(16), pointer);
  }
  return plain(version) ? version : std::string();
}

std::string rust_version(const ElfFile& elf) {
  const auto* section = elf.section(".comment");
  if (!section) return {};
  static constexpr std::string_view kMark = "rustc version ";
  const std::string comment = elf.bytes(section->offset, section->size, kMaxComment);
  const size_t mark = comment.find(kMark);
  if (mark == std::string::npos) return {};
  const std::string_view rest = std::string_view(comment).substr(mark + kMark.size());
  const std::string_view version = rest.substr(0, rest.find_first_of(std::string_view(" \0", 2)));
  return plain(version) && version.size() <= kMaxVersion ? std::string(version) : std::string();
}

struct Symbol {
  uint32_t name = 0;
  uint64_t value = 0;
};

Symbol symbol(std::string_view bytes, bool wide) {
  ByteReader in(bytes);
  Symbol s;
  s.name = in.le32();
  if (wide) in.take(4);  // info, other, section
  s.value = wide ? in.le64() : in.le32();
  return s;
}

uint32_t python_hex(const ElfFile& elf) {
  using std::string_view_literals::operator""sv;
  static constexpr std::string_view kName = "Py_Version\0"sv;
  const auto& sections = elf.sections();
  const auto found = std::ranges::find(sections, uint32_t{SHT_DYNSYM}, &ElfFile::Section::type);
  if (found == sections.end() || found->link >= sections.size()) return 0;
  const auto& strings = sections[found->link];
  const std::string names = elf.bytes(strings.offset, strings.size, kMaxSymbolNames);
  const size_t entry = elf.wide() ? sizeof(Elf64_Sym) : sizeof(Elf32_Sym);
  const std::string table = elf.bytes(found->offset, found->size, entry * kMaxSymbols);
  for (size_t i = 0; i + entry <= table.size(); i += entry) {
    const Symbol s = symbol(std::string_view(table).substr(i, entry), elf.wide());
    if (s.name >= names.size() || names.compare(s.name, kName.size(), kName) != 0) continue;
    const std::string value = elf.at(s.value, 4);
    return ByteReader(value).le32();
  }
  return 0;
}

}  // namespace

std::string FileBytes::read(uint64_t offset, size_t n) const {
  std::string out;
  if (offset > INT64_MAX) return out;
  out.resize(n);
  const ssize_t got = ::pread(fd_, out.data(), n, static_cast<off_t>(offset));
  out.resize(got > 0 ? static_cast<size_t>(got) : 0);
  return out;
}

std::string MemoryBytes::read(uint64_t offset, size_t n) const {
  return offset < bytes_.size() ? std::string(bytes_.substr(offset, n)) : std::string();
}

ElfFacts read_elf(const Bytes& file, bool want_python) {
  ElfFacts facts;
  const ElfFile elf(file);
  if (!elf.valid()) return facts;
  facts.needed = needed(elf);
  for (const auto& s : elf.segments()) {
    if (s.type != PT_NOTE) continue;
    read_notes(elf.bytes(s.offset, s.size, kMaxNotes), s.align == 8 ? 8 : 4,
               [&facts](const ElfNote& note) { take_note(note, facts); });
  }
  facts.go_version = go_version(elf);
  facts.rust_version = rust_version(elf);
  if (want_python) facts.python = python_hex(elf);
  return facts;
}

std::string python_version(uint32_t hex) {
  const uint32_t major = hex >> 24;
  if (major < 2 || major > 9) return {};
  std::string out = std::to_string(major) + "." + std::to_string(hex >> 16 & 255) + "." +
                    std::to_string(hex >> 8 & 255);
  const char* const stage = (hex >> 4 & 15) == 0xa   ? "a"
                            : (hex >> 4 & 15) == 0xb ? "b"
                            : (hex >> 4 & 15) == 0xc ? "rc"
                                                     : nullptr;
  return stage ? out + stage + std::to_string(hex & 15) : out;
}

}  // namespace weft

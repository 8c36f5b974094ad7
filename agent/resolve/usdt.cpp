// SPDX-License-Identifier: Apache-2.0
// Notes of name "stapsdt", type 3: three addresses, then three strings.
//
//   probe | base | semaphore | provider NUL name NUL arguments NUL
//
// `base` is where .stapsdt.base was linked; prelink may have moved that section, and all
// addresses with it.
#include "agent/resolve/usdt.h"

#include <optional>
#include <utility>

#include "agent/base/bytes.h"

namespace weft::resolve {
namespace {

constexpr size_t kMaxNotes = 4 << 20;
constexpr size_t kMaxProbes = 256;
constexpr uint32_t kType = 3;

std::string_view take_text(ByteReader& in) {
  const std::string_view out = in.take(in.rest().find('\0'));
  in.take(1);
  return out;
}

struct Note {
  Usdt probe;
  uint64_t base = 0;
  std::string_view provider, name;
};

std::optional<Note> parse(const ElfNote& note) {
  if (note.name != "stapsdt" || note.type != kType) return {};
  ByteReader in(note.content);
  Note out;
  out.probe.address = in.le64();
  out.base = in.le64();
  out.probe.semaphore = in.le64();
  out.provider = take_text(in);
  out.name = take_text(in);
  out.probe.arguments = take_text(in);
  return in.ok() ? std::optional(out) : std::nullopt;
}

}  // namespace

std::vector<Usdt> UsdtNotes::find(std::string_view provider, std::string_view name) const {
  std::vector<Usdt> out;
  const ElfFile::Section* section = elf_.section(".note.stapsdt");
  if (!section) return out;
  const ElfFile::Section* base = elf_.section(".stapsdt.base");
  const std::string notes = elf_.bytes(section->offset, section->size, kMaxNotes);
  read_notes(notes, 4, [&](const ElfNote& bytes) {
    auto note = parse(bytes);
    if (!note || note->provider != provider || note->name != name) return;
    if (out.size() == kMaxProbes) return;
    const uint64_t moved = base ? base->address - note->base : 0;
    note->probe.address += moved;
    if (note->probe.semaphore != 0) note->probe.semaphore += moved;
    out.push_back(std::move(note->probe));
  });
  return out;
}

}  // namespace weft::resolve

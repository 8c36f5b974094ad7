// SPDX-License-Identifier: Apache-2.0
// Virtual functions by the class's name, which the type information keeps in clear:
//
//   name     "N7leveldb6DBImplE", after a '*' when the class is in an anonymous namespace
//   typeinfo vtable of its own class | → name | …
//   vtable   distance to the whole object | → typeinfo | slot 0 | slot 1 | …
//
// The distance is 0 in the vtable of the class itself, else in one of a further base.
// A derived class's typeinfo points to this one too: there its own name stands before.
#include "agent/resolve/vtables.h"

#include <algorithm>
#include <string>
#include <vector>

#include "agent/resolve/pointers.h"
#include "agent/resolve/scan.h"

namespace weft::resolve {
namespace {

constexpr size_t kMaxNames = 16;
constexpr size_t kMaxTypes = 16;
constexpr size_t kMaxVtables = 64;
constexpr uint32_t kMaxSlot = 4096;

// Addresses of strings that are exactly this class name.
std::vector<uint64_t> names(const ElfFile& elf, std::string_view class_name) {
  std::vector<uint64_t> out;
  for (const auto& s : data_sections(elf)) {
    for (const uint64_t at :
         find_all(elf, s.offset, s.size, std::string(class_name) + '\0', kMaxNames)) {
      const std::string before =
          at == 0 ? std::string(1, '\0') : elf.bytes(s.offset + at - 1, 1, 1);
      if (out.size() == kMaxNames) return out;
      if (before == "*") out.push_back(s.address + at - 1);
      if (before == std::string(1, '\0')) out.push_back(s.address + at);
    }
  }
  return out;
}

// What the slot holds in each vtable of this type.
void collect(const ElfFile& elf, uint64_t typeinfo, uint32_t slot, std::vector<uint64_t>& out) {
  const auto places = pointers_to(elf, typeinfo, kMaxVtables);
  std::vector<uint64_t> wanted;
  for (const uint64_t place : places) {
    wanted.push_back(place - 8);
    wanted.push_back(place + 8 + 8ULL * slot);
  }
  const auto words = pointers_at(elf, wanted);
  for (size_t i = 0; i + 1 < words.size(); i += 2) {
    if (words[i] == 0 && is_code(elf, words[i + 1])) out.push_back(words[i + 1]);
  }
}

}  // namespace

std::optional<uint64_t> Vtables::method(std::string_view class_name, uint32_t slot) const {
  if (class_name.empty() || slot > kMaxSlot) return {};
  std::vector<uint64_t> found;
  for (const uint64_t name : names(elf_, class_name)) {
    for (const uint64_t place : pointers_to(elf_, name, kMaxTypes)) {
      collect(elf_, place - 8, slot, found);
    }
  }
  if (found.empty() || std::ranges::count(found, found.front()) != std::ssize(found)) return {};
  return found.front();
}

}  // namespace weft::resolve

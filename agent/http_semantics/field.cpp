// SPDX-License-Identifier: Apache-2.0
#include "agent/http_semantics/field.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace weft::http_semantics {
namespace {

constexpr uint64_t kEach = 0x0101010101010101;  // a factor that repeats a byte

uint64_t word_at(std::string_view text, size_t at) {
  uint64_t word;
  std::memcpy(&word, text.data() + at, sizeof word);
  return word;
}

// Eight characters at once: they differ in nothing but the bit of the case, and in that only where
// `lower` has a letter.
bool same_word(uint64_t name, uint64_t lower) {
  const uint64_t ascii = lower & kEach * 0x7f;
  const uint64_t from_a = ascii + kEach * (0x80 - 'a');
  const uint64_t beyond_z = ascii + kEach * (0x7f - 'z');
  const uint64_t letters = from_a & ~beyond_z & ~lower & kEach * 0x80;
  return ((name ^ lower) & ~(letters >> 2)) == 0;
}

}  // namespace

bool same_letters(std::string_view name, std::string_view lower) {
  constexpr size_t kWord = sizeof(uint64_t);
  if (name.size() < kWord) {
    return std::ranges::equal(name, lower, [](char c, char l) {
      return c == l || (l >= 'a' && l <= 'z' && static_cast<char>(c | 0x20) == l);
    });
  }
  for (size_t at = 0; at + kWord < name.size(); at += kWord) {
    if (!same_word(word_at(name, at), word_at(lower, at))) return false;
  }
  return same_word(word_at(name, name.size() - kWord), word_at(lower, name.size() - kWord));
}

}  // namespace weft::http_semantics

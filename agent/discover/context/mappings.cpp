// SPDX-License-Identifier: Apache-2.0
#include "agent/discover/context/mappings.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

namespace weft {
namespace {

constexpr size_t kAbsent = std::string_view::npos;
constexpr size_t kMostMappings = 4;  // there should be one

struct Mapping {
  uint64_t begin = 0;
  uint64_t end = 0;
  bool readable = false;
  std::string_view name;
};

std::string_view next_word(std::string_view& line) {
  const size_t space = std::min(line.find(' '), line.size());
  const std::string_view word = line.substr(0, space);
  line.remove_prefix(std::min(line.find_first_not_of(' ', space), line.size()));
  return word;
}

std::optional<uint64_t> address_of(std::string_view text) {
  uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, 16);
  if (error != std::errc() || end != text.data() + text.size()) return {};
  return value;
}

std::optional<Mapping> parse_mapping(std::string_view line) {
  const std::string_view range = next_word(line);
  const size_t dash = range.find('-');
  if (dash == kAbsent) return {};
  const auto begin = address_of(range.substr(0, dash));
  const auto end = address_of(range.substr(dash + 1));
  if (!begin || !end || *end <= *begin) return {};
  const std::string_view permissions = next_word(line);
  for (int i = 0; i < 3; ++i) next_word(line);  // offset, device, inode
  return Mapping{*begin, *end, permissions.starts_with('r'), line};
}

template <class Visit>  // bool(const Mapping&): false stops
void each_mapping(std::string_view maps, Visit visit) {
  while (!maps.empty()) {
    const size_t end = std::min(maps.find('\n'), maps.size());
    const auto mapping = parse_mapping(maps.substr(0, end));
    if (mapping && !visit(*mapping)) return;
    maps.remove_prefix(std::min(end + 1, maps.size()));
  }
}

bool is_context(std::string_view name) {
  static constexpr std::array<std::string_view, 3> kNames{"/memfd:OTEL_CTX", "[anon:OTEL_CTX]",
                                                          "[anon_shmem:OTEL_CTX]"};
  return std::ranges::any_of(kNames, [name](auto known) { return name.starts_with(known); });
}

bool is_plain(const Mapping& mapping) {
  return mapping.readable &&
         (!mapping.name.starts_with('/') || mapping.name.starts_with("/memfd:"));
}

}  // namespace

std::vector<uint64_t> context_mappings(std::string_view maps) {
  std::vector<uint64_t> found;
  if (maps.find("OTEL_CTX") == kAbsent) return found;  // most processes have none
  each_mapping(maps, [&](const Mapping& mapping) {
    if (mapping.readable && is_context(mapping.name)) found.push_back(mapping.begin);
    return found.size() < kMostMappings;
  });
  return found;
}

bool is_plain_memory(std::string_view maps, uint64_t address, uint64_t size) {
  bool plain = false;
  each_mapping(maps, [&](const Mapping& mapping) {
    if (address < mapping.begin || address >= mapping.end) return true;
    plain = is_plain(mapping) && size <= mapping.end - address;
    return false;
  });
  return plain;
}

}  // namespace weft

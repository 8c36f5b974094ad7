// SPDX-License-Identifier: Apache-2.0
#include "agent/storage/files/files.h"

#include <algorithm>
#include <cstring>
#include <vector>

namespace weft::storage {
namespace {

template <size_t N>
std::string_view text(const char (&field)[N]) {
  return {field, strnlen(field, N)};
}

// Folders come nearest first; if all slots are used, there may be more above the last.
std::string path_of(const weft_ev_file& event) {
  std::string path(text(event.name));
  for (const auto& folder : event.folders) {
    const std::string_view name = text(folder);
    if (name.empty()) return "/" + path;
    if (name == "/") return "/" + path;
    path.insert(0, 1, '/').insert(0, name);
  }
  return "…/" + path;
}

}  // namespace

File* Files::meet(const weft_ev_file& event) {
  const Patterns::Row* row = patterns_.find(text(event.folders[0]), text(event.name));
  if (!row) return nullptr;
  if (files_.size() >= kMax) make_room();
  File& file = files_[event.file];
  file.log.id = event.file;
  file.log.path = path_of(event);
  file.log.name = text(event.name);
  file.log.flags = event.flags;
  file.log.use = row->use;
  file.engines = row->engines;
  file.used = event.h.time;
  return &file;
}

File* Files::find(uint64_t id) {
  const auto it = files_.find(id);
  return it == files_.end() ? nullptr : &it->second;
}

// Drops a quarter at once, so that a flood of new files does not sort for each of them.
void Files::make_room() {
  std::vector<uint64_t> times;
  times.reserve(files_.size());
  for (const auto& [id, file] : files_) times.push_back(file.used);
  const auto quarter = times.begin() + static_cast<ptrdiff_t>(times.size() / 4);
  std::ranges::nth_element(times, quarter);
  std::erase_if(files_, [limit = *quarter](const auto& e) { return e.second.used <= limit; });
}

}  // namespace weft::storage

// SPDX-License-Identifier: Apache-2.0
// For tests: records of files, as the kernel side writes them.
#pragma once

#include <cstring>
#include <string_view>
#include <vector>

#include "bpf/abi/weft_event.h"

namespace weft::storage::testing {

template <size_t N>
void put(char (&field)[N], std::string_view text) {
  std::memset(field, 0, N);
  text.copy(field, N);
}

// folders: nearest first.
inline weft_ev_file file_event(uint64_t id, std::string_view name,
                               std::vector<std::string_view> folders, uint64_t time = 1,
                               uint32_t flags = 0) {
  weft_ev_file e{};
  e.h = {.type = WEFT_EV_FILE, .cpu = 0, .size = sizeof e, .time = time, .pid = 7, .tid = 7};
  e.file = id;
  e.flags = flags;
  put(e.name, name);
  for (size_t i = 0; i < folders.size(); ++i) put(e.folders[i], folders[i]);
  return e;
}

}  // namespace weft::storage::testing

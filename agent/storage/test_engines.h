// SPDX-License-Identifier: Apache-2.0
// For tests: the registry of engines, and records as the kernel side writes them.
#pragma once

#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "agent/port/engine.h"
#include "agent/port/event.h"

namespace weft::storage::testing {

// Calls of the engine "db".
enum Call : uint8_t { kCommit, kWait, kDull, kServed };

// What tracers received, in order: "entry open", "renamed a b", "exited 7", …
inline std::vector<std::string>& heard() {
  static std::vector<std::string> all;
  return all;
}
inline int& tracers_made() {
  static int made = 0;
  return made;
}
// The last call that a tracer received.
struct LastCall {
  bool seen_from_start = false;
  uint32_t missing = 0;
  std::string text;
  IoSummary summary;
  std::string file;
};
inline LastCall& last_call() {
  static LastCall call;
  return call;
}

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

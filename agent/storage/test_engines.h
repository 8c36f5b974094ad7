// SPDX-License-Identifier: Apache-2.0
// For tests: what the tracers of the test registry receive.
#pragma once

#include <string>
#include <vector>

#include "agent/port/engine.h"

namespace weft::storage::testing {

// Calls of the engine "db".
enum Call : uint8_t { kCommit, kWait, kDull, kServed, kGrouped };

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

}  // namespace weft::storage::testing

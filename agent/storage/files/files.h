// SPDX-License-Identifier: Apache-2.0
// The log files that the kernel side has reported.
#pragma once

#include <cstdint>
#include <span>
#include <unordered_map>

#include "agent/port/engine.h"
#include "agent/storage/files/patterns.h"

namespace weft::storage {

struct File {
  LogFile log;
  std::span<const Engine* const> engines;  // whose patterns match the file; empty: a library
  uint64_t unsynced = 0;                   // bytes written since the last sync, by anyone
  uint64_t used = 0;                       // time of the last operation
};

// One thread. Bounded: at kMax the longest unused are dropped. kMax exceeds what the kernel side
// remembers, so that every id it still uses is known here.
class Files {
 public:
  static constexpr size_t kMax = 16384;

  explicit Files(Patterns patterns) : patterns_(std::move(patterns)) {}

  // Null: no pattern fits (the kernel side tests only the literal part of a pattern).
  File* meet(const weft_ev_file& event);
  // Null: not known. Valid until meet().
  File* find(uint64_t id);
  size_t size() const { return files_.size(); }

 private:
  void make_room();

  Patterns patterns_;
  std::unordered_map<uint64_t, File> files_;
};

}  // namespace weft::storage

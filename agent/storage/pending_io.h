// SPDX-License-Identifier: Apache-2.0
// What threads have done to logs that no call around it has claimed yet.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "agent/port/engine.h"

namespace weft::storage {

// One or several writes in a row.
struct WriteRun {
  uint64_t start;
  uint64_t end;
  uint64_t bytes;
  uint64_t writes;
};

// Writes to one file, or one span tree (a sync, a wait) that may be part of a greater one.
struct PendingIo {
  const Engine* engine = nullptr;             // whose calls may be around it
  std::span<const Engine* const> candidates;  // more than one: engines that name files like this
  uint64_t file = 0;                          // of writes and syncs
  IoSummary summary;                          // path and counts
  std::string path;                           // what summary.file views
  std::vector<WriteRun> runs;  // of several writes: a call may have made only the last ones
  bool is_write = false;
  bool is_sync = false;
  uint16_t within = 0;  // number of the call it was done in; 0: not known
  SpanTree tree;        // of writes: times, task, place
};

// One thread. Bounded: kMaxPending for a thread, then the oldest is given out early. Writes wait
// for the sync that follows them on their thread, which is given out first: see writes().
class PendingIoTable {
 public:
  static constexpr size_t kMaxPending = 64;
  // Writes in a row that are told apart; of more, the older ones belong to one call or none.
  static constexpr size_t kMaxRuns = 256;

  // Adds to the last writes if they are to the same file for the same request.
  // Returns what had to make room; usually nothing.
  std::vector<PendingIo> add(PendingIo io);
  // A thread with no more room has done something in the same call as just before: what it did
  // is counted there, its span is left out. False: it is to be added.
  bool fold(const PendingIo& io);
  struct Call {
    uint64_t start;
    uint64_t end;
    uint16_t number = 0;  // on its thread; 0: not known
    bool outermost = true;
  };
  // What was done in the call, in order; taken away. Where a pending I/O's call is not known, or
  // was not told, times say so, for the outermost call; of writes in a row, those that lie within.
  std::vector<PendingIo> within(uint32_t tid, const Call& call);
  // Writes of any thread of the process to the file that ended by `time`; taken away.
  std::vector<PendingIo> writes(uint32_t pid, uint64_t file, uint64_t time);
  // All for which the test holds, in order of time on each thread; taken away.
  std::vector<PendingIo> due(const std::function<bool(const PendingIo&)>& test);
  size_t size() const { return threads_.size(); }

 private:
  std::unordered_map<uint32_t, std::vector<PendingIo>> threads_;  // by tid, in order of time
};

}  // namespace weft::storage

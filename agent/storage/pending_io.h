// SPDX-License-Identifier: Apache-2.0
// Log I/O of threads that no enclosing call has claimed yet.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "agent/port/engine.h"

namespace weft::storage {

// One or more consecutive writes.
struct WriteRun {
  uint64_t start;
  uint64_t end;
  uint64_t bytes;
  uint64_t writes;
};

// Writes to one file, or one span tree (a sync, a wait, a nested call) that may become part of a
// larger one.
struct PendingIo {
  const Engine* engine = nullptr;             // whose call may enclose it
  std::span<const Engine* const> candidates;  // set if several engines name files like this
  uint64_t file = 0;                          // set for writes and syncs
  IoSummary summary;                          // path and counts
  std::string path;                           // owns the text of summary.file
  std::vector<WriteRun> runs;  // set for several writes: a call may have made only the last ones
  bool is_write = false;
  bool is_sync = false;
  uint16_t within = 0;  // number of the enclosing call; 0: not known
  bool slept = false;   // the thread had slept in that call before the first operation
  SpanTree tree;        // for writes: only times, thread and parent
};

// One thread. Bounded: kMaxPending per thread; beyond that the oldest is returned early. Writes
// whose sync follows on the same thread stay: the sync goes first and takes them along, see
// writes().
class PendingIoTable {
 public:
  static constexpr size_t kMaxPending = 64;
  // Consecutive writes that are kept apart; beyond that, the older half is merged into the first.
  static constexpr size_t kMaxRuns = 256;

  // Merges with the thread's last writes if they are to the same file for the same request. Returns
  // what had to make room; usually nothing.
  std::vector<PendingIo> add(PendingIo io);
  // If the thread has no more room and its last entry is in the same call: adds the counts to that
  // entry and drops the span. False: not folded, call add().
  bool fold(const PendingIo& io);
  struct Call {
    uint64_t start;
    uint64_t end;
    uint16_t number = 0;  // number on its thread; 0: not known
    bool outermost = true;
  };
  // Removes and returns what was done in the call, in order. If the call of an operation is unknown
  // or was not reported, times decide, for the outermost call; of consecutive writes, those inside
  // the interval.
  std::vector<PendingIo> within(uint32_t tid, const Call& call);
  // Removes and returns the writes to the file, by any thread of the process, that ended by `time`.
  std::vector<PendingIo> writes(uint32_t pid, uint64_t file, uint64_t time);
  // Removes and returns all for which the test holds, except writes that await a sync; in order of
  // time on each thread.
  std::vector<PendingIo> due(const std::function<bool(const PendingIo&)>& test);
  size_t size() const { return threads_.size(); }

 private:
  std::unordered_map<uint32_t, std::vector<PendingIo>> threads_;  // by tid, in order of time
};

}  // namespace weft::storage

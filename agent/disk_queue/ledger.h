// SPDX-License-Identifier: Apache-2.0
// Three counts in a mapped file. They survive the process, however it ends, and show the next one
// how many spans were lost with its memory. (If the machine stops, they may be older than the
// segments: then spans are sent twice, not lost.)
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>

#include "agent/base/fd.h"
#include "agent/base/result.h"

namespace weft::disk_queue {

// Any thread.
class Ledger {
 public:
  // Locks the file: one queue at a time. Errors: kAlreadyRunning, kWriteFailed.
  static Result<std::unique_ptr<Ledger>> open(const std::string& path);
  ~Ledger();
  Ledger(const Ledger&) = delete;
  Ledger& operator=(const Ledger&) = delete;

  struct Counts {
    char magic[8];
    std::atomic<uint64_t> accepted;   // spans taken for this queue
    std::atomic<uint64_t> dropped;    // of those, counted as lost before they were stored
    std::atomic<uint64_t> read_upto;  // spans ever stored that are settled
  };
  Counts& counts() { return *counts_; }
  bool fresh() const { return fresh_; }  // there was no usable file before

 private:
  Ledger(Fd fd, Counts* counts) : fd_(std::move(fd)), counts_(counts) {}

  Fd fd_;
  Counts* counts_;
  bool fresh_ = false;
};

}  // namespace weft::disk_queue

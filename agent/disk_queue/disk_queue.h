// SPDX-License-Identifier: Apache-2.0
// Parcels that wait on a disk for their backend, first in, first out, across restarts. Bounded
// by bytes (a new parcel is refused) and by age (an old one is dropped). A killed process loses
// nothing that append() has taken; a machine that stops loses what was not yet synced.
//
// Cost: what is delivered within the half minute in which the kernel holds written pages back
// is removed before it reaches the disk.
#pragma once

#include <chrono>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "agent/config/config.h"
#include "agent/disk_queue/ledger.h"
#include "agent/disk_queue/segment.h"

namespace weft::disk_queue {

struct Options {
  std::string directory;  // created if missing; used by this queue only
  uint64_t max_bytes = 1u << 30;
  std::chrono::seconds max_age{24 * 3600};
  DiskSync sync = DiskSync::kNever;
  uint64_t segment_bytes = 8u << 20;   // a file is closed when it exceeds this
  std::function<uint64_t()> now = {};  // Unix ns; empty: the system's clock
};

// Any thread; front() and pop() from one thread only.
class DiskQueue {
 public:
  // Called with the queue's lock held: only count, and return. Causes: `killed` (lost with the
  // previous process's memory), `expired`, `damaged` (unreadable on disk), `other_format`.
  using OnLost = std::function<void(std::string_view cause, uint64_t spans)>;

  // format: of new parcels; stored parcels of another format are not returned (Sender::format).
  // Errors: kAlreadyRunning, kWriteFailed.
  static Result<std::unique_ptr<DiskQueue>> open(Options options, std::string_view format,
                                                 OnLost on_lost);

  // Counts spans that were taken to be stored, and those of them dropped (and counted elsewhere)
  // before.
  void accepted(uint64_t spans) { ledger_->counts().accepted += spans; }
  void dropped(uint64_t spans) { ledger_->counts().dropped += spans; }

  // Error kWriteFailed: not stored, as the queue or the disk is full.
  Status append(const Parcel& parcel);
  // The oldest parcel, which stays in the queue. None: the queue is empty.
  std::optional<StoredParcel> front();
  // Removes the parcel that front() returned.
  void pop(const StoredParcel& stored);
  // Syncs what is due. Call about once a second while nothing is appended.
  void tick();

  struct Backlog {
    uint64_t spans = 0;
    uint64_t bytes = 0;  // of its files
  };
  Backlog backlog() const;

 private:
  struct File {
    uint32_t number;
    uint64_t spans_before;
    uint64_t bytes;
  };

  DiskQueue(Options options, std::string_view format, OnLost on_lost);
  Status load();
  void load_files();
  uint64_t settle_accounts();
  std::string path_of(uint32_t number) const;
  Status begin_file(uint64_t spans_before);
  void end_front_file();
  void open_front();
  bool leave_front();
  std::optional<StoredParcel> read_front();
  std::string_view cause_to_drop(const StoredParcel& stored) const;
  void settle(const StoredParcel& stored);
  void sync_if_due();

  const Options options_;
  const std::string format_;
  const OnLost on_lost_;
  std::unique_ptr<Ledger> ledger_;

  mutable std::mutex mutex_;
  std::deque<File> files_;          // oldest first; the last one is written to
  std::shared_ptr<Segment> front_;  // of files_.front(), the same as back_ if it is the only one
  std::shared_ptr<Segment> back_;
  uint64_t offset_ = 0;  // in front_, of the next record
  uint64_t next_ = 0;    // end of the record that front() returned
  uint64_t bytes_ = 0;   // of all files
  bool dirty_ = false;
  uint64_t synced_at_ = 0;
};

}  // namespace weft::disk_queue

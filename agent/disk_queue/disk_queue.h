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
  std::string directory;  // made when it does not exist; this queue's alone
  uint64_t max_bytes = 1u << 30;
  std::chrono::seconds max_age{24 * 3600};
  DiskSync sync = DiskSync::kNever;
  uint64_t segment_bytes = 8u << 20;   // a file is closed when it is larger
  std::function<uint64_t()> now = {};  // Unix ns; empty: the system's clock
};

// Any thread; front() and pop() by one.
class DiskQueue {
 public:
  // Called with the queue's lock held: count, and return. Causes: `killed` (with the memory of
  // the process before), `expired`, `damaged` (unreadable on the disk), `other_format`.
  using OnLost = std::function<void(std::string_view cause, uint64_t spans)>;

  // format: of the parcels to come; those of another one are not given out (Sender::format).
  // Errors: kAlreadyRunning, kWriteFailed.
  static Result<std::unique_ptr<DiskQueue>> open(Options options, std::string_view format,
                                                 OnLost on_lost);

  // Spans were taken to be stored; some of them were dropped (and counted) before they were.
  void accepted(uint64_t spans) { ledger_->counts().accepted += spans; }
  void dropped(uint64_t spans) { ledger_->counts().dropped += spans; }

  // Error kWriteFailed: not stored, as the queue or the disk is full.
  Status append(const Parcel& parcel);
  // The oldest parcel; it stays. Nothing: the queue is empty.
  std::optional<StoredParcel> front();
  // What front() gave is settled.
  void pop(const StoredParcel& stored);
  // Syncs what is due. About once a second while nothing is appended.
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
  uint64_t next_ = 0;    // behind the record that front() gave
  uint64_t bytes_ = 0;   // of all files
  bool dirty_ = false;
  uint64_t synced_at_ = 0;
};

}  // namespace weft::disk_queue

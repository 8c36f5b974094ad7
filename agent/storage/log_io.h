// SPDX-License-Identifier: Apache-2.0
// Operations on log files, until it is known what they are part of.
//
//   write ─┐                             ┌─ inside a probed call: becomes part of its span tree
//   sync  ─┼─▶ the thread's pending I/O ─┤
//   wait  ─┘                             └─ no enclosing call: "wal.flush" (write … sync), or,
//                                           after a while, "wal.append" (writes never synced)
#pragma once

#include <cstdint>
#include <vector>

#include "agent/base/counter.h"
#include "agent/storage/engine_presence.h"
#include "agent/storage/files/files.h"
#include "agent/storage/instances.h"
#include "agent/storage/output.h"
#include "agent/storage/pending_io.h"

namespace weft::storage {

// Borrows what it is made of. One thread.
class LogIo {
 public:
  // How long pending I/O waits for its enclosing call to return. If the call takes longer, its
  // flush is emitted separately. The short limit holds for a thread whose last operations had no
  // enclosing call: enough for a call that ends soon after its sync.
  static constexpr uint64_t kPatience = 2'000'000'000;
  static constexpr uint64_t kShortPatience = 100'000'000;
  // Operations inside a probed call wait for that call; this limit is for calls whose end was lost.
  static constexpr uint64_t kLongPatience = 60'000'000'000;

  LogIo(EnginePresence& presence, Instances& instances, Output& output, CounterSet& counters);

  // An operation on a file of use WEFT_FILE_LOG.
  void on_operation(File& file, const FileOp& op);
  // A call, or a part of one, that is itself inside a call.
  void keep(PendingIo io);
  // Removes and returns what was done in a call that has ended.
  std::vector<PendingIo> take(uint32_t tid, const PendingIoTable::Call& call) {
    return pending_.within(tid, call);
  }
  // Emits what the process has left: it ended, or executes another program.
  void ended(uint32_t pid);
  // Emits what has waited long enough.
  void sweep(uint64_t now);

 private:
  PendingIo pending_io_of(File& file, const FileOp& op);
  void note_sync(const PendingIo& io);
  void emit_alone(PendingIo io);
  const Engine* owner_of(const PendingIo& io) const;
  bool waited(const PendingIo& io, uint64_t now) const;

  EnginePresence& presence_;
  Instances& instances_;
  Output& output_;
  PendingIoTable pending_;
  Counter& unclaimed_;
  Counter& folded_;
};

}  // namespace weft::storage

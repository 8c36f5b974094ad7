// SPDX-License-Identifier: Apache-2.0
// Logs of engines without a folder of their own yet, and the user's own logs: inferred from file
// I/O only.
#include "agent/port/engine.h"

#include "probes/storage/file/entries.h"

namespace weft::engine::file {
namespace {

constexpr LogPattern kLogs[] = {
    {"ib_logfile[0-9]*", WEFT_FILE_LOG},                     // InnoDB
    {"#ib_redo[0-9]*", WEFT_FILE_LOG},                       // MySQL ≥ 8.0.30
    {"aria_log.[0-9]*", WEFT_FILE_LOG},                      // MariaDB's Aria
    {"wal/*.wal", WEFT_FILE_LOG},                            // etcd
    {"log.[0-9][0-9][0-9][0-9][0-9][0-9]*", WEFT_FILE_LOG},  // Berkeley DB
    {"WiredTigerLog.[0-9]*", WEFT_FILE_LOG},
    {"data.mdb", WEFT_FILE_LOG},  // LMDB has no log; its commits write and sync this file
    // Logs with one file per entry (ipfs_kit): the folder names the status, or the file is renamed
    // into place.
    {"pending/*.json", WEFT_FILE_ENTRY},
    {"processing/*.json", WEFT_FILE_ENTRY},
    {"completed/*.json", WEFT_FILE_ENTRY},
    {"failed/*.json", WEFT_FILE_ENTRY},
    {"temp/*.json.tmp", WEFT_FILE_ENTRY},
    {"operations/*.json", WEFT_FILE_ENTRY},
    {"partitions/wal_*", WEFT_FILE_ENTRY},
    {"archives/archive_*", WEFT_FILE_ENTRY},
};

std::unique_ptr<EngineTracer> make_tracer() {
  return std::make_unique<EntryTracer>();
}

}  // namespace

extern const Engine kEngine;
const Engine kEngine{
    .target = {.kind = TargetKind::kEngine, .id = 1, .name = "file"},
    .system = "",
    .logs = kLogs,
    .thread_owns_request = false,
    .make = make_tracer,
};

}  // namespace weft::engine::file

// SPDX-License-Identifier: Apache-2.0
// RocksDB. Its library exports everything; only the end of a symbol differs between releases.
//
//   DBImpl::WriteImpl    every write and commit ends here. One thread writes and syncs for a
//                        group; the others only wait in WriteThread::JoinBatchGroup, so probing
//                        that as well would add nothing
//   DBImpl::SyncWAL      a sync that the application asks for
//
// A Status is returned through a hidden first argument, so options are the third. Writes that do
// not ask for a sync are not reported: reporting one costs more than thousands of them.
#include "agent/port/engine.h"

#include "probes/storage/rocksdb/tracer.h"

namespace weft::engine::rocksdb {
namespace {

using From = ValueSpec::From;

constexpr std::string_view kLibraries[] = {"librocksdb.so*"};

constexpr LogPattern kLogs[] = {{"[0-9][0-9][0-9][0-9][0-9][0-9].log", WEFT_FILE_LOG}};

const ValueSpec kStatusCode{.from = From::kResult, .size = 1};

const ProbeSpec kProbes[] = {
    {.number = kWrite,
     .name = "DBImpl::WriteImpl",
     .where = {Locator::prefix("_ZN7rocksdb6DBImpl9WriteImplERKNS_12WriteOptionsE"
                               "PNS_10WriteBatch")},
     .values = {{{.from = From::kArgument, .argument = 2, .size = 1}, kStatusCode}},
     .only_with = ProbeSpec::Value{.index = kSync, .value = 1},
     .sync = {.is_wait = true}},
    {.number = kSyncWal,
     .name = "DBImpl::SyncWAL",
     .where = {Locator::symbol("_ZN7rocksdb6DBImpl7SyncWALEv")},
     .values = {{{}, kStatusCode}},
     .only_busy = true},
};

}  // namespace

extern const Engine kEngine;
const Engine kEngine{
    .target = {.kind = TargetKind::kEngine,
               .id = 6,
               .name = "rocksdb",
               .libraries = kLibraries,
               .probes = kProbes},
    .system = "rocksdb",
    .logs = kLogs,
    .thread_owns_request = false,
    .make = make_tracer,
};

}  // namespace weft::engine::rocksdb

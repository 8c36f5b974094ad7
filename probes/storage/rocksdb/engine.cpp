// SPDX-License-Identifier: Apache-2.0
// RocksDB. Its library exports all; only the end of a name differs between releases.
//
//   DBImpl::WriteImpl    every write and commit ends here. One thread writes and syncs for a
//                        group; the others wait in WriteThread::JoinBatchGroup and do nothing
//                        else, so that call is not probed: it would say the same again
//   DBImpl::SyncWAL      a sync asked for by itself
//
// A Status is returned through a hidden first argument: options are the third. Writes that ask
// for no sync are not told: thousands of them take less time than telling one.
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
     .is_wait = true},
    {.number = kSyncWal,
     .name = "DBImpl::SyncWAL",
     .where = {Locator::symbol("_ZN7rocksdb6DBImpl7SyncWALEv")},
     .values = {{{}, kStatusCode}},
     .only_busy = true},
};

}  // namespace

extern const Engine kEngine;
const Engine kEngine{
    .id = 6,
    .name = "rocksdb",
    .system = "rocksdb",
    .executables = {},
    .libraries = kLibraries,
    .logs = kLogs,
    .probes = kProbes,
    .thread_owns_request = false,
    .make = make_tracer,
};

}  // namespace weft::engine::rocksdb

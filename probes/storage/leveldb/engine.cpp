// SPDX-License-Identifier: Apache-2.0
// LevelDB. Its classes are hidden in libraries, except for their vtables.
//
//   DBImpl::Write(WriteOptions const&, WriteBatch*)   every write ends here. One thread writes
//                        and syncs for those queued behind it; they return when it is done
//
// A Status is returned through a hidden first argument, so options are the third. Writes that do
// not ask for a sync are not reported: reporting one costs more than thousands of them.
#include "agent/port/engine.h"

#include "probes/storage/leveldb/tracer.h"

namespace weft::engine::leveldb {
namespace {

using From = ValueSpec::From;

constexpr std::string_view kLibraries[] = {"libleveldb.so*"};

constexpr LogPattern kLogs[] = {{"[0-9][0-9][0-9][0-9][0-9][0-9].log", WEFT_FILE_LOG}};

const ProbeSpec kProbes[] = {
    {.number = kWrite,
     .name = "DBImpl::Write",
     .where = {Locator::virtual_method("N7leveldb6DBImplE", 4)},
     // WriteOptions::sync, and the code that Status::state_ points to (null: no error).
     .values = {{{.from = From::kArgument, .argument = 2, .size = 1},
                 {.from = From::kResult, .steps = {{4}}, .size = 1}}},
     .only_with = ProbeSpec::Value{.index = kSync, .value = 1},
     .sync = {.is_wait = true}},
};

}  // namespace

extern const Engine kEngine;
const Engine kEngine{
    .target = {.kind = TargetKind::kEngine,
               .id = 5,
               .name = "leveldb",
               .libraries = kLibraries,
               .probes = kProbes},
    .system = "leveldb",
    .logs = kLogs,
    .thread_owns_request = false,
    .make = make_tracer,
};

}  // namespace weft::engine::leveldb

// SPDX-License-Identifier: Apache-2.0
// Redis, its append-only file. One thread executes commands; in every iteration of its loop what
// they appended is written at once, before their replies are.
//
//   flushAppendOnlyFile  the write, with appendfsync always the sync too; called in each iteration,
//                        nearly always with nothing to do. (aofWrite is exported and inlined.)
//
// appendfsync everysec: a thread of its own syncs, inside no call. A rewrite of the file is a
// child's, into temp-rewriteaof-*.aof. Commands are not probed as they are appended
// (feedAppendOnlyFile): the flush counts bytes, and costs once an iteration.
#include "agent/port/engine.h"

#include "probes/storage/redis/tracer.h"

namespace weft::engine::redis {
namespace {

// Debian's redis-server is a link to the other, which is what /proc calls the program.
constexpr std::string_view kExecutables[] = {"redis-server", "redis-check-rdb"};

constexpr LogPattern kLogs[] = {{"*.aof", WEFT_FILE_LOG}};

const ProbeSpec kProbes[] = {
    {.number = kFlush,
     .name = "flushAppendOnlyFile",
     .where = {Locator::symbol("flushAppendOnlyFile")},
     .only_busy = true},
};

}  // namespace

extern const Engine kEngine;
const Engine kEngine{
    .id = 4,
    .name = "redis",
    .system = "redis",
    .executables = kExecutables,
    .libraries = {},
    .logs = kLogs,
    .probes = kProbes,
    .thread_owns_request = false,
    .make = make_tracer,
};

}  // namespace weft::engine::redis

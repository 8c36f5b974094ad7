// SPDX-License-Identifier: Apache-2.0
// Redis's append-only file. One thread executes commands; each iteration of its event loop writes
// what they appended in one go, before their replies are sent.
//
//   flushAppendOnlyFile  the write; with appendfsync always, the sync too. Called in every
//                        iteration, mostly with nothing to do. (aofWrite is exported but inlined.)
//
// With appendfsync everysec a separate thread syncs, outside any call. A child process rewrites
// the file, into temp-rewriteaof-*.aof. Appending a command (feedAppendOnlyFile) is not probed:
// probing the flush counts the bytes too, at the cost of one call per iteration.
#include "agent/port/engine.h"

#include "probes/storage/redis/tracer.h"

namespace weft::engine::redis {
namespace {

// Debian's redis-server is a link to redis-check-rdb, which is the name that /proc shows.
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
    .target = {.kind = TargetKind::kEngine,
               .id = 4,
               .name = "redis",
               .executables = kExecutables,
               .probes = kProbes},
    .system = "redis",
    .logs = kLogs,
    .thread_owns_request = false,
    .log_is_optional = true,
    .make = make_tracer,
};

}  // namespace weft::engine::redis

// SPDX-License-Identifier: Apache-2.0
// PostgreSQL 13 and later. All values are arguments or exported globals (the server is linked with
// --export-dynamic), so no offset depends on the version. The one exception is the statement's
// text in PgBackendStatus. It only serves to find the statement among those on the wire: with a
// wrong offset nothing matches.
//
//   XLogFlush            a commit waits until its WAL is durable; reported even if another's
//                        flush was faster. Also before a dirty page is written, mostly with
//                        nothing to do: then not reported
//     LWLockAcquireOrWait  result 0: slept until another's flush was over (group commit);
//                          called only from here, and not probed: XLogFlush implies it
//     XLogFileInit         a new segment
//   XLogBackgroundFlush  the walwriter's flush
//   XLogInsert           a record, many per transaction; on request only
//   XLogSetAsyncXactLSN  a commit that does not wait (synchronous_commit = off)
#include "agent/port/engine.h"

#include "probes/storage/postgresql/tracer.h"

namespace weft::engine::postgresql {
namespace {

using Shape = ProbeSpec::Shape;
using From = ValueSpec::From;

constexpr std::string_view kExecutables[] = {"postgres"};
#define WEFT_HEX8 "[0-9A-F][0-9A-F][0-9A-F][0-9A-F][0-9A-F][0-9A-F][0-9A-F][0-9A-F]"
constexpr LogPattern kLogs[] = {
    {"pg_wal/" WEFT_HEX8 WEFT_HEX8 WEFT_HEX8, WEFT_FILE_LOG},
    {"pg_wal/xlogtemp.*", WEFT_FILE_LOG},  // a segment before its final name
};
#undef WEFT_HEX8

ValueSpec global(std::string_view name, bool late, int64_t add = 0) {
  return {.from = From::kGlobal, .global = name, .add = add, .size = 8, .late = late};
}

// WalUsage: records, full page images and bytes of this backend since it started (since 13).
std::array<ValueSpec, 8> values(bool late) {
  return {{{.from = From::kArgument, .argument = 0},
           global("XactLastRecEnd", late),
           global("pgWalUsage", late),
           global("pgWalUsage", late, 8),
           global("pgWalUsage", late, 16)}};
}

ValueSpec activity(bool late) {
  return {.from = From::kGlobal, .global = "MyBEEntry", .steps = {{248}, {0}}, .late = late};
}

// A flush adds no record and executes no statement: what is read at its return is as it was.
constexpr bool kAtReturn = true;
constexpr bool kAtOnce = false;

const ProbeSpec kProbes[] = {
    {.number = kFlush,
     .name = "XLogFlush",
     .where = {Locator::symbol("XLogFlush")},
     .values = values(kAtReturn),
     .text = activity(kAtReturn),
     .or_equal = {{kTarget, kLastRecord}},
     .only_busy = true,
     .or_slept = true,
     .sync = {.served_by_earlier_sync = true, .implied_wait = kWait}},
    {.number = kWait,
     .name = "LWLockAcquireOrWait",
     .where = {Locator::symbol("LWLockAcquireOrWait")},
     .only = ProbeSpec::Result{.mask = 0xff, .value = 0},
     .sync = {.is_wait = true},
     .nested = true,
     .is_implied = true},
    {.number = kNewSegment,
     .name = "XLogFileInit",
     .where = {Locator::symbol("XLogFileInit")},
     .only_busy = true,
     .nested = true},
    {.number = kBackgroundFlush,
     .name = "XLogBackgroundFlush",
     .where = {Locator::symbol("XLogBackgroundFlush")},
     .only_busy = true},
    {.number = kRecord,
     .name = "XLogInsert",
     .where = {Locator::symbol("XLogInsert")},
     .values = {{{.from = From::kArgument, .argument = 0}}},
     .per_record = true},
    {.number = kAsyncCommit,
     .name = "XLogSetAsyncXactLSN",
     .shape = Shape::kPoint,
     .where = {Locator::symbol("XLogSetAsyncXactLSN")},
     .values = values(kAtOnce),
     .text = activity(kAtOnce)},
};

}  // namespace

extern const Engine kEngine;
const Engine kEngine{
    .target = {.kind = TargetKind::kEngine,
               .id = 2,
               .name = "postgresql",
               .executables = kExecutables,
               .probes = kProbes},
    .system = "postgresql",
    .logs = kLogs,
    .unfinished = "xlogtemp.",
    .thread_owns_request = true,
    .make = make_tracer,
};

}  // namespace weft::engine::postgresql

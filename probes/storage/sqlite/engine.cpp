// SPDX-License-Identifier: Apache-2.0
// SQLite as a shared library: it works on the thread that calls it.
//
//   sqlite3_step         a statement: suspended at each row (SQLITE_ROW), ended by another
//     sqlite3_reset,     result or by one of these two. Its text is found as sqlite3_sql()
//     sqlite3_finalize   finds it
//   sqlite3InvokeBusyHandler  the database is locked: sleeps, then tries again
//   sqlite3WalCheckpoint      a checkpoint, run inside the step that filled the WAL
//
// Only Debian's builds export the last two. Flushes are inferred from file I/O, the same in every
// build: sqlite3WalFrames would add nothing, and a rollback journal has no such function.
#include "agent/port/engine.h"

#include "probes/storage/sqlite/tracer.h"

namespace weft::engine::sqlite {
namespace {

using Shape = ProbeSpec::Shape;
using From = ValueSpec::From;

constexpr uint64_t kRow = 100;  // SQLITE_ROW
constexpr uint64_t kInt = 0xffffffff;

constexpr std::string_view kLibraries[] = {"libsqlite3.so*"};

constexpr LogPattern kLogs[] = {{"*-wal", WEFT_FILE_LOG}, {"*-journal", WEFT_FILE_LOG}};

ProbeSpec end_of_statement(std::string_view function) {
  return {.number = kStep,
          .name = function,
          .shape = Shape::kFinish,
          .where = {Locator::symbol(function)},
          .keyed_by = 0};
}

const ProbeSpec kProbes[] = {
    {.number = kStep,
     .name = "sqlite3_step",
     .where = {Locator::symbol("sqlite3_step")},
     .text = {.from = From::kArgument, .add = Offset::of("sqlite3_sql"), .steps = {{0}}},
     .long_text = true,
     .resume = kRow,
     .result_mask = kInt,
     .keyed_by = 0,
     .sync = {.encloses_flush = true}},
    end_of_statement("sqlite3_reset"),
    end_of_statement("sqlite3_finalize"),
    {.number = kBusy,
     .name = "sqlite3InvokeBusyHandler",
     .where = {Locator::symbol("sqlite3InvokeBusyHandler")},
     .nested = true},
    {.number = kCheckpoint,
     .name = "sqlite3WalCheckpoint",
     .where = {Locator::symbol("sqlite3WalCheckpoint")},
     .values = {{{.from = From::kArgument, .argument = 2}}},
     .nested = true},
};

}  // namespace

extern const Engine kEngine;
const Engine kEngine{
    .target = {.kind = TargetKind::kEngine,
               .id = 3,
               .name = "sqlite",
               .libraries = kLibraries,
               .probes = kProbes},
    .system = "sqlite",
    .logs = kLogs,
    .thread_owns_request = false,
    .make = make_tracer,
};

}  // namespace weft::engine::sqlite

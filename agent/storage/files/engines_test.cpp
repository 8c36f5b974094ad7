// SPDX-License-Identifier: Apache-2.0
// The registry of this test binary: two engines whose logs have the same names, and the one that
// takes any file.
#include "agent/port/engine.h"

namespace weft {
namespace {

constexpr std::string_view kLibraries[] = {"libdb.so*"};
constexpr LogPattern kDbLogs[] = {{"db_wal/*", WEFT_FILE_LOG}, {"[0-9].log", WEFT_FILE_LOG}};
constexpr LogPattern kTwoLogs[] = {{"[0-9].log", WEFT_FILE_LOG}};
constexpr LogPattern kFileLogs[] = {
    {"any.log", WEFT_FILE_LOG}, {"jobs/*", WEFT_FILE_ENTRY}, {"db_wal/*", WEFT_FILE_ENTRY}};

constexpr Engine engine(uint8_t id, std::string_view name, std::span<const LogPattern> logs,
                        std::span<const std::string_view> libraries = {}) {
  return {.target = {.kind = TargetKind::kEngine, .id = id, .name = name, .libraries = libraries},
          .system = name,
          .logs = logs,
          .thread_owns_request = false,
          .make = nullptr};
}

constexpr Engine kEngines[] = {engine(2, "db", kDbLogs, kLibraries), engine(3, "two", kTwoLogs),
                               engine(1, "file", kFileLogs)};

}  // namespace

std::span<const Engine> engines() {
  return kEngines;
}

}  // namespace weft

// SPDX-License-Identifier: Apache-2.0
#include "probes/storage/sqlite/result.h"

#include <algorithm>
#include <string_view>

namespace weft::engine::sqlite {
namespace {

constexpr std::string_view kPrimary[] = {
    "OK",       "ERROR",     "INTERNAL", "PERM",       "ABORT",    "BUSY",   "LOCKED",   "NOMEM",
    "READONLY", "INTERRUPT", "IOERR",    "CORRUPT",    "NOTFOUND", "FULL",   "CANTOPEN", "PROTOCOL",
    "EMPTY",    "SCHEMA",    "TOOBIG",   "CONSTRAINT", "MISMATCH", "MISUSE", "NOLFS",    "AUTH",
    "FORMAT",   "RANGE",     "NOTADB",   "NOTICE",     "WARNING"};

struct Extended {
  uint32_t code;
  std::string_view name;
};
// Extended code = primary | n << 8.
constexpr Extended kExtended[] = {
    {5 | 1 << 8, "BUSY_RECOVERY"},       {5 | 2 << 8, "BUSY_SNAPSHOT"},
    {5 | 3 << 8, "BUSY_TIMEOUT"},        {6 | 1 << 8, "LOCKED_SHAREDCACHE"},
    {19 | 1 << 8, "CONSTRAINT_CHECK"},   {19 | 3 << 8, "CONSTRAINT_FOREIGNKEY"},
    {19 | 5 << 8, "CONSTRAINT_NOTNULL"}, {19 | 6 << 8, "CONSTRAINT_PRIMARYKEY"},
    {19 | 7 << 8, "CONSTRAINT_TRIGGER"}, {19 | 8 << 8, "CONSTRAINT_UNIQUE"},
    {19 | 10 << 8, "CONSTRAINT_ROWID"},  {19 | 12 << 8, "CONSTRAINT_DATATYPE"},
    {10 | 1 << 8, "IOERR_READ"},         {10 | 3 << 8, "IOERR_WRITE"},
    {10 | 4 << 8, "IOERR_FSYNC"},
};

constexpr uint32_t kRow = 100, kDone = 101;

}  // namespace

bool is_error(uint32_t code) {
  return code != 0 && code != kRow && code != kDone;
}

std::string result_name(uint32_t code) {
  const auto extended = std::ranges::find(kExtended, code, &Extended::code);
  if (extended != std::end(kExtended)) return "SQLITE_" + std::string(extended->name);
  const uint32_t primary = code & 0xff;
  if (primary < std::size(kPrimary)) return "SQLITE_" + std::string(kPrimary[primary]);
  return std::to_string(code);
}

}  // namespace weft::engine::sqlite

// SPDX-License-Identifier: Apache-2.0
// SQL text as a span may carry it: literals taken out, and the short form that names it.
// By the OpenTelemetry database conventions ("Sanitization", "Generating query summary").
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace weft::sql {

// Characters of the two results; what is longer is cut between tokens.
inline constexpr size_t kMaxText = 4096;
inline constexpr size_t kMaxSummary = 255;  // by the conventions

// Both valid UTF-8, with U+FFFD for each byte of the original that is not.
struct Statement {
  std::string text;     // db.query.text: every literal is '?', comments are gone
  std::string summary;  // db.query.summary: "INSERT orders", at most 255 characters; may be empty
};

// Which characters quote an identifier and which a string, and what else differs.
enum class Dialect : uint8_t { kPostgres, kMysql, kSqlite, kGeneric };

// Pure; linear in the length; never fails: text that is no SQL, or is cut anywhere, is
// sanitized as far as it goes, and no byte of a literal, whole or cut, is ever kept.
//
// Strings, numbers with their sign, TRUE and FALSE (but not in IS TRUE) are literals; NULL
// and parameters stay. The engine is taken to have its default settings; "x" in SQLite is a
// name, which SQLite itself tries first, except in PRAGMA and ATTACH, and in any dialect
// after IDENTIFIED.
//
//   operation then targets, as written   SELECT a, (SELECT b FROM "t" x) FROM s.u
//                                        → SELECT SELECT "t" s.u
//   a set operation is one operation     SELECT 1 FROM t UNION SELECT 2 FROM u → SELECT t u
//   names bound by WITH are no targets   WITH c AS (SELECT 1 FROM t) SELECT * FROM c
//                                        → SELECT t SELECT
//   objects with their kind, no more     CREATE UNIQUE INDEX i ON t (a) → CREATE INDEX i
//   other commands: the word             SET a TO 1 → SET
//   several statements                   BEGIN; UPDATE t SET a = 1 → BEGIN UPDATE t
Statement sanitize(std::string_view text, Dialect dialect);

}  // namespace weft::sql

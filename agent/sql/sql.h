// SPDX-License-Identifier: Apache-2.0
// Makes SQL text fit for a span: removes literals, and builds the summary that names it. Follows
// the OpenTelemetry database conventions ("Sanitization", "Generating query summary").
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace weft::sql {

// Longest results in characters; longer ones are truncated between tokens.
inline constexpr size_t kMaxText = 4096;
inline constexpr size_t kMaxSummary = 255;  // by the conventions

// Both are valid UTF-8, with U+FFFD for each byte of the original that is not.
struct Statement {
  std::string text;     // db.query.text: every literal replaced by '?', comments removed
  std::string summary;  // db.query.summary: "INSERT orders", at most 255 characters; may be empty
};

// Which characters quote an identifier and which a string, and what else differs.
enum class Dialect : uint8_t { kPostgres, kMysql, kSqlite, kGeneric };

// The meaning of a backslash in 'x', which is a setting of the connection: PostgreSQL's
// standard_conforming_strings, MySQL's NO_BACKSLASH_ESCAPES. kUnknown: a string whose end depends
// on it is hidden with all that follows.
enum class Backslash : uint8_t { kPlain, kEscapes, kUnknown };

constexpr Backslash usual_backslash(Dialect dialect) {
  if (dialect == Dialect::kGeneric) return Backslash::kUnknown;
  return dialect == Dialect::kMysql ? Backslash::kEscapes : Backslash::kPlain;
}

// Pure; linear in the length; never fails: text that is not SQL, or is truncated anywhere, is
// sanitized as far as it goes, and no byte of a literal, complete or not, is ever kept.
//
// Strings, numbers with their sign, TRUE and FALSE (but not in IS TRUE) are literals, and so
// are the words and quoted names that values.h finds, and quoted names after IDENTIFIED; NULL
// and parameters stay.
//
//   operation then targets, as written   SELECT a, (SELECT b FROM "t" x) FROM s.u
//                                        → SELECT SELECT "t" s.u
//   a set operation is one operation     SELECT 1 FROM t UNION SELECT 2 FROM u → SELECT t u
//   names bound by WITH: not targets     WITH c AS (SELECT 1 FROM t) SELECT * FROM c
//                                        → SELECT t SELECT
//   objects: with their kind only        CREATE UNIQUE INDEX i ON t (a) → CREATE INDEX i
//   other commands: the word             SET a TO 1 → SET
//   several statements                   BEGIN; UPDATE t SET a = 1 → BEGIN UPDATE t
Statement sanitize(std::string_view text, Dialect dialect, Backslash backslash);
inline Statement sanitize(std::string_view text, Dialect dialect) {
  return sanitize(text, dialect, usual_backslash(dialect));
}

}  // namespace weft::sql

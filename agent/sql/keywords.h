// SPDX-License-Identifier: Apache-2.0
// The SQL words, of all dialects together, that matter for hiding literals and naming a statement.
// Every other word is a name. Constant data, any thread.
#pragma once

#include <cstdint>
#include <string_view>

namespace weft::sql {

// The effect of a word on those two; words with the same effect share one id.
enum class WordId : uint8_t {
  kNone,  // not one of the words, or fully described by its roles
  kSelect,
  kInsert,  // INSERT, REPLACE
  kUpdate,
  kDelete,
  kMerge,
  kTruncate,
  kWith,
  kExecute,  // EXEC, EXECUTE: a procedure, or a prepared statement's name
  kDefine,   // CREATE, ALTER, …: what follows the object's name is not executed
  kGrant,    // GRANT, REVOKE: the operations that follow are not executed
  kPrefix,   // EXPLAIN, PREPARE, …: another operation follows
  kBegin,
  kFrom,
  kJoin,
  kUsing,
  kOn,
  kOnly,  // ONLY, LATERAL: before a table's name
  kTable,
  kRoutine,  // PROCEDURE, FUNCTION, …: objects whose definition may hold statements
  kRecursive,
  kSetOperator,  // UNION, EXCEPT, …
  kDistinct,
  kAll,
  kIs,
  kNot,
  kBy,
  kBoolean,  // TRUE, FALSE
  kSecret,   // IDENTIFIED, PRAGMA, ATTACH: quoted names in the statement may be passwords
  kOther     // a statement of none of these kinds; no word has it
};

enum WordRole : uint8_t {
  kCommand = 1,       // an operation if it begins a statement
  kTakesTarget = 2,   // the operation's target follows
  kTakesTargets = 4,  // one or several targets follow
  kTakesObject = 8,   // the target follows the kind of object: CREATE
  kObject = 16,       // a kind of object: TABLE
  kModifier = 32,     // between CREATE and the kind of object
  kSkipped = 64,      // between an operation and its target
  kEndsTables = 128,  // no more tables follow: WHERE
};

struct Keyword {
  WordId id = WordId::kNone;
  uint8_t roles = 0;  // WordRole
};

// Looks up the word text[begin, end), ignoring case; {} for a name. Takes the whole text because
// reading beyond the word is faster.
Keyword keyword(std::string_view text, size_t begin, size_t end);

}  // namespace weft::sql

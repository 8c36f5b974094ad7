// SPDX-License-Identifier: Apache-2.0
// The words of SQL that hiding literals and naming a statement depend on, of all dialects
// together. Every other word is a name. Constant data, any thread.
#pragma once

#include <cstdint>
#include <string_view>

namespace weft::sql {

// What a word does to those two; words that do the same share one.
enum class WordId : uint8_t {
  kNone,  // not one of the words, or its roles say it all
  kSelect,
  kInsert,  // INSERT, REPLACE
  kUpdate,
  kDelete,
  kMerge,
  kTruncate,
  kWith,
  kExecute,  // EXEC, EXECUTE: a procedure, or a prepared statement's name
  kDefine,   // CREATE, ALTER, …: what follows the object's name is not performed
  kGrant,    // GRANT, REVOKE: nor are the operations that follow
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
  kCommand = 1,       // an operation, when it begins a statement
  kTakesTarget = 2,   // … whose target follows
  kTakesTargets = 4,  // … or several of them
  kTakesObject = 8,   // … after the kind of object: CREATE
  kObject = 16,       // a kind of object: TABLE
  kModifier = 32,     // between CREATE and that
  kSkipped = 64,      // between an operation and its target
  kEndsTables = 128,  // no more tables follow: WHERE
};

struct Keyword {
  WordId id = WordId::kNone;
  uint8_t roles = 0;  // WordRole
};

// What the word text[begin, end) is, in any case of letters; {} for a name. The whole text is
// asked for as it is faster to read beyond the word.
Keyword keyword(std::string_view text, size_t begin, size_t end);

}  // namespace weft::sql

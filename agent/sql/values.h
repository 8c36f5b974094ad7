// SPDX-License-Identifier: Apache-2.0
// Finds words and quoted names that are values in their place, so that they are hidden like
// literals. If the grammar allows both, it is a value.
//
//   SET a TO word, word   and ROLE, NAMES, TIME ZONE word           all that follows
//   ALTER ROLE r SET a = word   CREATE FUNCTION … SET a TO word     PostgreSQL
//   WITH (a = word)  SET (a = word)  CREATE TYPE t (a = word)       PostgreSQL
//   CREATE DATABASE d a word  CREATE EXTENSION e VERSION word       PostgreSQL
//   COPY … WITH (a word)  EXPLAIN (a word)  VACUUM (a word)         PostgreSQL
//   PRAGMA a = word  PRAGMA a(word)  ATTACH word  DEFAULT word      SQLite
//   "x" that need not be a name                                     SQLite
#pragma once

#include <cstdint>
#include <string_view>

#include "agent/sql/sql.h"

namespace weft::sql {

// For one text; gets its tokens in order, without comments. Constant memory.
class Values {
 public:
  explicit Values(Dialect dialect) : dialect_(dialect) {}

  // Whether the word is a value. after_dot: it is a part of a longer name.
  bool word(std::string_view text, bool after_dot);
  // Whether the quoted token is a value. certain: it can only be a name.
  bool quoted(bool certain, bool after_dot);
  void punct(char c);
  void operand();  // a literal or a parameter

 private:
  enum class Command : uint8_t {
    kNone,
    kSet,
    kAlter,
    kCreate,
    kCopy,
    kOptions,  // EXPLAIN and others that may have options in parentheses
    kPragma,
    kAttach,
    kInsert,
    kUpdate,
    kOther
  };
  enum class Next : uint8_t {
    kAny,
    kSetting,       // SET: the name of a setting
    kSettingValue,  // after the setting's name: TO or = and its value
    kList,          // a value, and others after commas
    kValue,         // a value
    kDatabase,      // CREATE DATABASE: its name
    kOption,        // … the name of an option
    kOptionValue    // … and its value
  };

  void begin(std::string_view text);
  bool in_set(std::string_view text, bool after_dot);
  bool in_definition(std::string_view text, bool after_dot);
  bool in_setting(std::string_view text, bool after_dot);
  bool in_database(std::string_view text);
  bool in_options() const;
  bool in_attach(std::string_view text) const;
  bool names_column() const;
  bool takes_value();
  bool hide_rest();
  void equals();
  void note(std::string_view text);
  bool is(Dialect dialect) const { return dialect_ == dialect; }
  bool defines() const { return command_ == Command::kAlter || command_ == Command::kCreate; }

  Dialect dialect_;
  Command command_ = Command::kNone;
  Next next_ = Next::kAny;
  uint16_t depth_ = 0;
  char last_punct_ = '\0';      // '\0': the last token was not punctuation
  std::string_view last_word_;  // empty: the last token was not a word
  bool rest_ = false;           // everything up to the end of the statement is a value
  bool was_value_ = false;      // the last token, or the one that it continues after a dot, was a
                                // value
  bool query_ = false;          // a definition's SELECT has begun
  bool listed_ = false;         // its options, columns or SET have begun or follow
  bool extension_ = false;
  bool first_ = false;  // the last token was the statement's first word
};

}  // namespace weft::sql

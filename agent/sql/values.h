// SPDX-License-Identifier: Apache-2.0
// Words and quoted names that are values where they stand, so that they are hidden as literals
// are. Where the grammar leaves both open, a value.
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

// For one text, shown its tokens in order, without comments. Constant memory.
class Values {
 public:
  explicit Values(Dialect dialect) : dialect_(dialect) {}

  // Is the word one? after_dot: it is a part of a longer name.
  bool word(std::string_view text, bool after_dot);
  // Is what stands in double quotes (or others) one? certain: it can be nothing but a name.
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
    kSettingValue,  // … has been given: TO or = and its value
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
  char last_punct_ = '\0';      // '\0': the last token was no punctuation
  std::string_view last_word_;  // empty: the last token was no word
  bool rest_ = false;           // all up to the end of the statement are values
  bool was_value_ = false;      // the last token, or what it goes on after a dot
  bool query_ = false;          // a definition's SELECT has begun
  bool listed_ = false;         // its options, columns or SET are here or to come
  bool extension_ = false;
  bool first_ = false;  // the last token was the statement's first word
};

}  // namespace weft::sql

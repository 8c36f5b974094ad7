// SPDX-License-Identifier: Apache-2.0
#include "agent/sql/values.h"

#include <algorithm>
#include <utility>

namespace weft::sql {
namespace {

char upper(char c) {
  return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
}

template <class... Words>
bool is_any(std::string_view text, Words... words) {
  return (std::ranges::equal(text, std::string_view(words), {}, upper) || ...);
}

}  // namespace

void Values::begin(std::string_view text) {
  command_ = Command::kOther;
  first_ = true;
  if (is_any(text, "SET")) {
    command_ = Command::kSet;
    next_ = Next::kSetting;
  } else if (is_any(text, "ALTER")) {
    command_ = Command::kAlter;
  } else if (is_any(text, "CREATE")) {
    command_ = Command::kCreate;
  } else if (is(Dialect::kPostgres)) {
    if (is_any(text, "COPY")) command_ = Command::kCopy;
    if (is_any(text, "EXPLAIN", "VACUUM", "ANALYZE", "ANALYSE", "REINDEX", "CLUSTER", "CHECKPOINT"))
      command_ = Command::kOptions;
  } else if (is(Dialect::kSqlite)) {
    if (is_any(text, "PRAGMA")) command_ = Command::kPragma;
    if (is_any(text, "ATTACH")) command_ = Command::kAttach;
    if (is_any(text, "INSERT", "REPLACE")) command_ = Command::kInsert;
    if (is_any(text, "UPDATE")) command_ = Command::kUpdate;
  }
}

bool Values::word(std::string_view text, bool after_dot) {
  bool value = rest_ || (after_dot && was_value_);
  first_ = false;
  switch (command_) {
    case Command::kNone:
      begin(text);
      break;
    case Command::kSet:
      value = value || in_set(text, after_dot);
      break;
    case Command::kAlter:
    case Command::kCreate:
      value = value || in_definition(text, after_dot);
      break;
    case Command::kCopy:
      value = value || in_options();
      listed_ = listed_ || (depth_ == 0 && is_any(text, "FROM", "TO"));
      break;
    case Command::kOptions:
      value = value || in_options();
      break;
    case Command::kPragma:
      break;
    case Command::kAttach:
      value = value || in_attach(text);
      break;
    case Command::kInsert:
      query_ = query_ || is_any(text, "VALUES", "SELECT", "WITH", "DEFAULT");
      break;
    case Command::kUpdate:
      if (depth_ == 0 && is_any(text, "SET", "WHERE", "FROM", "RETURNING", "ORDER", "LIMIT"))
        listed_ = is_any(text, "SET");
      break;
    case Command::kOther:
      break;
  }
  was_value_ = value;
  note(text);
  return value;
}

// Notes that the last token was `text`; empty: not a word.
void Values::note(std::string_view text) {
  last_word_ = text;
  last_punct_ = '\0';
}

bool Values::hide_rest() {
  rest_ = true;
  return false;
}

// SET, up to where its value begins.
bool Values::in_set(std::string_view text, bool after_dot) {
  if (next_ == Next::kAny || after_dot) return false;
  if (next_ == Next::kSettingValue) {
    if (is_any(text, "TO")) return hide_rest();
    rest_ = is(Dialect::kPostgres);
    return rest_;
  }
  if (is_any(text, "SESSION", "LOCAL", "GLOBAL", "PERSIST", "TIME", "CHARACTER", "XML"))
    return false;
  if (is_any(text, "TRANSACTION", "CONSTRAINTS", "CHARACTERISTICS")) {
    next_ = Next::kAny;
  } else if (is_any(text, "ZONE", "NAMES", "ROLE", "AUTHORIZATION", "SCHEMA", "CATALOG", "CHARSET",
                    "SET", "OPTION")) {
    hide_rest();
  } else {
    next_ = Next::kSettingValue;
  }
  return false;
}

bool Values::in_definition(std::string_view text, bool after_dot) {
  if (is(Dialect::kSqlite)) {
    listed_ = listed_ || is_any(text, "TABLE");
    query_ = query_ || is_any(text, "SELECT", "USING");
    return is_any(last_word_, "DEFAULT");
  }
  if (!is(Dialect::kPostgres)) return false;
  if (next_ != Next::kAny && in_setting(text, after_dot)) return true;
  if (next_ != Next::kAny) return false;
  query_ = query_ || is_any(text, "SELECT");
  if (is_any(text, "SET") && !query_) {
    next_ = Next::kSetting;
  } else if (is_any(text, "DATABASE") && command_ == Command::kCreate) {
    next_ = Next::kDatabase;
  } else if (is_any(text, "EXTENSION")) {
    extension_ = true;
  } else if (extension_ && is_any(text, "VERSION", "TO", "FROM")) {
    next_ = Next::kValue;
  }
  return false;
}

bool Values::in_setting(std::string_view text, bool after_dot) {
  switch (next_) {
    case Next::kAny:
      return false;
    case Next::kSetting:
      if (is_any(text, "TIME", "SESSION", "XML")) return false;
      next_ = Next::kSettingValue;
      if (is_any(text, "ZONE", "AUTHORIZATION", "ROLE", "NAMES", "OPTION")) equals();
      return false;
    case Next::kSettingValue:
      if (after_dot) return false;
      next_ = Next::kAny;
      if (!is_any(text, "TO")) return in_definition(text, after_dot);
      next_ = Next::kSettingValue;
      equals();
      return false;
    case Next::kList:
      if (takes_value()) return true;
      next_ = Next::kAny;
      return in_definition(text, after_dot);
    case Next::kValue:
      next_ = Next::kAny;
      return true;
    case Next::kDatabase:
    case Next::kOption:
    case Next::kOptionValue:
      return in_database(text);
  }
  return false;
}

// A list's first value, or one after a comma.
bool Values::takes_value() {
  return last_punct_ == ',' || last_punct_ == '=' || is_any(last_word_, "TO", "ZONE", "ROLE") ||
         is_any(last_word_, "AUTHORIZATION", "NAMES", "OPTION");
}

bool Values::in_database(std::string_view text) {
  if (next_ == Next::kOptionValue) {
    next_ = Next::kOption;
    return true;
  }
  const bool named = next_ == Next::kDatabase;
  if (named || !is_any(text, "WITH")) next_ = named ? Next::kOption : Next::kOptionValue;
  return false;
}

// The value of an option: "(FORMAT json, …", not "(a, …".
bool Values::in_options() const {
  const bool has_options = command_ == Command::kCopy || command_ == Command::kOptions;
  return has_options && listed_ && depth_ > 0 && !last_word_.empty();
}

// SQLite takes a bare word here for a string.
bool Values::in_attach(std::string_view text) const {
  return !is_any(text, "DATABASE", "AS", "KEY") && !is_any(last_word_, "AS");
}

// After = or TO.
void Values::equals() {
  if (command_ == Command::kSet) {
    if (next_ != Next::kAny) rest_ = true;
  } else if (command_ == Command::kPragma) {
    rest_ = true;
  } else if (defines() && is(Dialect::kPostgres) && !query_) {
    const bool setting = next_ == Next::kSettingValue;
    if (setting && command_ == Command::kAlter) rest_ = true;
    if (next_ == Next::kAny || setting) next_ = setting ? Next::kList : Next::kValue;
  }
}

bool Values::quoted(bool certain, bool after_dot) {
  bool value = rest_ || (after_dot && was_value_);
  if (next_ == Next::kList) value = value || takes_value();
  if (next_ == Next::kValue || next_ == Next::kOptionValue) value = true;
  if (next_ == Next::kValue) next_ = Next::kAny;
  if (next_ == Next::kOptionValue || next_ == Next::kDatabase) next_ = Next::kOption;
  if (next_ == Next::kSetting) next_ = Next::kSettingValue;
  value = value || in_options();
  value = value || (!certain && !after_dot && !names_column());
  was_value_ = value;
  first_ = false;
  note({});
  return value;
}

// SQLite: whether "x" is a name here, judging only by its place.
bool Values::names_column() const {
  const bool first = last_punct_ == '(' || last_punct_ == ',';
  if (is_any(last_word_, "AS", "REFERENCES")) return true;
  if (defines() && is_any(last_word_, "ON", "TO", "COLUMN", "RENAME", "ADD", "DROP")) return true;
  if (command_ == Command::kInsert || (command_ == Command::kCreate && listed_))
    return !query_ && depth_ == 1 && first;
  return command_ == Command::kUpdate && listed_ && depth_ == 0 &&
         (last_punct_ == ',' || is_any(last_word_, "SET"));
}

void Values::punct(char c) {
  if (c == '(') {
    if (command_ == Command::kPragma) rest_ = true;
    if (first_ && command_ == Command::kOptions) listed_ = true;
    if (next_ == Next::kSetting && defines()) next_ = Next::kAny;  // SET (a = b)
    ++depth_;
  } else if (c == ')') {
    if (depth_ > 0) --depth_;
    if (depth_ == 0 && command_ == Command::kOptions) listed_ = false;
  } else if (c == ';') {
    *this = Values(dialect_);
    return;
  } else if (c == '=' && std::string_view("<>!~").find(last_punct_) == std::string_view::npos) {
    equals();
  }
  const bool goes_on = c == '.' || c == ',' || c == '=';
  const bool pending = next_ == Next::kList || next_ == Next::kSettingValue;
  if (!goes_on && pending && defines()) next_ = Next::kAny;
  first_ = false;
  was_value_ = was_value_ && c == '.';
  last_word_ = {};
  last_punct_ = c;
}

void Values::operand() {
  if (next_ == Next::kValue) next_ = Next::kAny;
  if (next_ == Next::kOptionValue) next_ = Next::kOption;
  was_value_ = first_ = false;
  note({});
}

}  // namespace weft::sql

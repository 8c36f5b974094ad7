// SPDX-License-Identifier: Apache-2.0
// SQL text cut into tokens, as the dialect's engine does with its default settings. Sources:
// the chapters on lexical structure of PostgreSQL 17, MySQL 8.4 and SQLite 3.46, and for the
// generic dialect those of Transact-SQL and Oracle as well.
//
//   literal        'x'  E'x\''  U&'x'  N'x'  X'1f'  B'01'  $tag$x$tag$  q'[x]'  MySQL "x"
//                  12  1.5e-3  .5  0x1f, with the sign unless that follows an operand (a-1)
//   quoted name    "x"  MySQL, SQLite `x`  SQLite, Transact-SQL [x]
//   parameter      ?  ?1  $1  $name  :name  :1  @name  @@name
//   comment        -- x  /* x */ (PostgreSQL: they nest)  MySQL # x
#pragma once

#include <cstdint>
#include <string_view>

#include "agent/sql/sql.h"

namespace weft::sql {

enum class TokenKind : uint8_t { kEnd, kWord, kQuoted, kLiteral, kParameter, kPunct, kComment };

struct Token {
  TokenKind kind;
  size_t begin;  // offsets in the text
  size_t end;
};

// Linear in the text, which must outlive it. White space belongs to no token. What is quoted
// and never closed is a literal up to the end of the text; so is what the generic dialect
// could end in two ways ('it\'s', [it's]), as then the two disagree on all that follows.
class Lexer {
 public:
  Lexer(std::string_view text, Dialect dialect) : text_(text), dialect_(dialect) {}
  // kEnd, at the end of the text, from then on.
  Token next();

 private:
  Token lex();
  Token take(TokenKind kind, size_t end) const;
  Token word() const;
  Token string(size_t open, bool escape) const;
  Token quoted(char quote) const;
  Token bracket() const;
  Token dollar() const;
  Token number(size_t first) const;
  Token signed_number() const;
  Token parameter() const;
  Token colon() const;
  Token dash() const;
  Token slash();
  Token star();
  Token line_comment() const;
  size_t block_comment_end() const;

  char at(size_t i) const { return i < text_.size() ? text_[i] : '\0'; }
  size_t skip_word(size_t from) const;
  size_t skip_digits(size_t from) const;
  bool number_at(size_t i) const;
  bool adjacent() const { return last_.end == at_ && last_.kind != TokenKind::kEnd; }
  bool after_operand() const;
  bool is(Dialect dialect) const { return dialect_ == dialect; }

  std::string_view text_;
  Dialect dialect_;
  size_t at_ = 0;
  Token last_{TokenKind::kEnd, 0, 0};  // that was no comment
  bool in_escape_ = false;             // PostgreSQL: E'x' 'y' is one literal, escapes throughout
  bool in_hint_ = false;               // MySQL: between /*! and */, which is executed
};

}  // namespace weft::sql

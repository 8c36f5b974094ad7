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
#include <optional>
#include <string_view>

#include "agent/sql/sql.h"
#include "agent/sql/start.h"

namespace weft::sql {

enum class TokenKind : uint8_t { kEnd, kWord, kQuoted, kLiteral, kParameter, kPunct, kComment };

// Linear in the text, which must outlive the lexer. White space belongs to no token. A quoted token
// that is never closed extends to the end of the text. So does one that could end in two ways
// ('it\'s' if the meaning of a backslash is not known, [it's] in the generic dialect), because the
// two readings differ in all that follows.
class Lexer {
 public:
  Lexer(std::string_view text, Dialect dialect, Backslash backslash)
      : text_(text), dialect_(dialect), backslash_(backslash) {}
  // Finds the next token; kEnd at the end of the text, and from then on.
  TokenKind next();
  // Offsets of the token that next() found.
  size_t begin() const { return at_; }
  size_t end() const { return end_; }
  // The token is a literal up to the end of the text because it does not certainly close.
  bool unclosed() const { return unclosed_; }

 private:
  // Each reads the token that begins at at_: returns its kind and sets end_.
  TokenKind lex(Start start);
  TokenKind word();
  Backslash prefixed(char prefix) const;
  Backslash continued() const;
  TokenKind string(size_t open, Backslash backslash);
  TokenKind quoted(char quote);
  TokenKind bracket();
  TokenKind dollar();
  TokenKind number(size_t first);
  TokenKind signed_number();
  TokenKind parameter();
  TokenKind colon();
  TokenKind dash();
  TokenKind slash();
  TokenKind star();
  TokenKind line_comment();
  TokenKind take(TokenKind kind, size_t end);
  void passed(TokenKind kind);

  size_t block_comment_end() const;
  char at(size_t i) const { return i < text_.size() ? text_[i] : '\0'; }
  size_t skip_word(size_t from) const;
  size_t skip_digits(size_t from) const;
  bool number_at(size_t i) const;
  bool adjacent() const { return last_end_ == at_ && last_kind_ != TokenKind::kEnd; }
  bool after_operand() const;
  bool is(Dialect dialect) const { return dialect_ == dialect; }

  std::string_view text_;
  Dialect dialect_;
  Backslash backslash_;
  bool unclosed_ = false;
  size_t at_ = 0;
  size_t end_ = 0;
  TokenKind last_kind_ = TokenKind::kEnd;  // kind of the last token other than a comment
  size_t last_end_ = 0;
  std::optional<Backslash> string_;       // of the current token, if it is 'x'
  std::optional<Backslash> last_string_;  // of the last token other than a comment
  bool in_hint_ = false;                  // MySQL: between /*! and */, which is executed
};

}  // namespace weft::sql

// SPDX-License-Identifier: Apache-2.0
#include "agent/sql/lexer.h"

#include <algorithm>
#include <utility>

#include "agent/sql/quotes.h"

namespace weft::sql {
namespace {

bool is_string_prefix(std::string_view word) {
  return word.size() == 1 && std::string_view("benx").find(lower(word[0])) != word.npos;
}

bool is_alternative_prefix(std::string_view word) {
  return lower(word.back()) == 'q' &&
         (word.size() == 1 || (word.size() == 2 && lower(word[0]) == 'n'));
}

}  // namespace

TokenKind Lexer::next() {
  const Starts& starts = kStarts[static_cast<size_t>(dialect_)];
  size_t begin = end_;
  Start start = Start::kSpace;
  while (begin < text_.size()) {
    start = starts[static_cast<uint8_t>(text_[begin])];
    if (start != Start::kSpace) break;
    ++begin;
  }
  at_ = end_ = begin;
  unclosed_ = false;
  if (start == Start::kSpace) return TokenKind::kEnd;
  const TokenKind kind = start == Start::kWord ? word() : lex(start);
  if (kind != TokenKind::kComment) passed(kind);
  return kind;
}

TokenKind Lexer::lex(Start start) {
  switch (start) {
    case Start::kWord:
      return word();
    case Start::kDigit:
      return number(at_);
    case Start::kString:
      return string(at_, continued());
    case Start::kQuoted:
      return quoted(text_[at_]);
    case Start::kBracket:
      return bracket();
    case Start::kDollar:
      return dollar();
    case Start::kHash:
      return line_comment();
    case Start::kDash:
      return dash();
    case Start::kSign:
      return signed_number();
    case Start::kSlash:
      return slash();
    case Start::kStar:
      return star();
    case Start::kParameter:
      return parameter();
    case Start::kSpace:
    case Start::kPunct:
      break;
  }
  return take(TokenKind::kPunct, at_ + 1);
}

TokenKind Lexer::take(TokenKind kind, size_t end) {
  unclosed_ = end == std::string_view::npos;
  end_ = unclosed_ ? text_.size() : end;
  return unclosed_ ? TokenKind::kLiteral : kind;
}

void Lexer::passed(TokenKind kind) {
  last_string_ = std::exchange(string_, std::nullopt);
  last_kind_ = kind;
  last_end_ = end_;
}

TokenKind Lexer::word() {
  const size_t end = skip_word(at_ + 1);
  const std::string_view word = text_.substr(at_, end - at_);
  const bool unicode = at(end) == '&' && at(end + 1) == '\'' && word.size() == 1;
  if (unicode && lower(word[0]) == 'u') return string(end + 1, backslash_);
  if (at(end) != '\'') return take(TokenKind::kWord, end);
  if (is_string_prefix(word)) return string(end, prefixed(lower(word[0])));
  if (is(Dialect::kGeneric) && is_alternative_prefix(word))
    return take(TokenKind::kLiteral, close_alternative(text_, end + 1));
  return take(TokenKind::kWord, end);
}

// E'x' has escapes, X'1f' and B'01' have none, N'x' is like 'x'. Which of them an engine knows
// varies where the meaning of a backslash is unknown too.
Backslash Lexer::prefixed(char prefix) const {
  if (is(Dialect::kGeneric) || is(Dialect::kMysql)) return backslash_;
  if (prefix == 'e') return is(Dialect::kPostgres) ? Backslash::kEscapes : backslash_;
  return prefix == 'n' ? backslash_ : Backslash::kPlain;
}

// PostgreSQL: E'x' and 'y' on the next line are one literal, with the same meaning of a backslash
// throughout. On one line they are invalid, so their reading does not matter.
Backslash Lexer::continued() const {
  if (!last_string_ || *last_string_ == backslash_) return backslash_;
  std::string_view between = text_.substr(last_end_, at_ - last_end_);
  const bool apart = between.find_first_of("\n\r") != between.npos;
  return apart && between.find("/*") == between.npos ? *last_string_ : Backslash::kUnknown;
}

TokenKind Lexer::string(size_t open, Backslash backslash) {
  const char quote = text_[open];
  string_ = backslash;
  switch (backslash) {
    case Backslash::kPlain:
      return take(TokenKind::kLiteral, close_doubled(text_, open + 1, quote));
    case Backslash::kEscapes:
      return take(TokenKind::kLiteral, close_escaped(text_, open + 1, quote));
    case Backslash::kUnknown:
      break;
  }
  return take(TokenKind::kLiteral, close_certain(text_, open + 1, quote));
}

TokenKind Lexer::quoted(char quote) {
  return take(TokenKind::kQuoted, is(Dialect::kGeneric) ? close_certain(text_, at_ + 1, quote)
                                                        : close_doubled(text_, at_ + 1, quote));
}

// Generic: a name in brackets (Transact-SQL), or the elements of an array.
TokenKind Lexer::bracket() {
  if (is(Dialect::kSqlite)) return take(TokenKind::kQuoted, close_doubled(text_, at_ + 1, ']'));
  const char first = at(at_ + 1);
  if (after_operand() || !in_word(first) || is_digit(first))
    return take(TokenKind::kPunct, at_ + 1);
  const size_t found = text_.find_first_of("]['\"`,", at_ + 1);
  if (found != text_.npos && (text_[found] == ',' || text_[found] == '['))
    return take(TokenKind::kPunct, at_ + 1);
  const bool closed = found != text_.npos && text_[found] == ']';
  return take(TokenKind::kQuoted, closed ? close_doubled(text_, found, ']') : text_.npos);
}

TokenKind Lexer::dollar() {
  if (is_digit(at(at_ + 1))) {
    const size_t end = skip_digits(at_ + 1);
    const bool money = is(Dialect::kGeneric) && at(end) == '.';
    return money ? number(at_ + 1) : take(TokenKind::kParameter, end);
  }
  size_t end = at_ + 1;
  while (in_word(at(end)) && at(end) != '$') ++end;
  if (at(end) != '$' || is(Dialect::kSqlite))
    return take(TokenKind::kParameter, skip_word(at_ + 1));
  return take(TokenKind::kLiteral, close_dollar(text_, end + 1, text_.substr(at_, end + 1 - at_)));
}

// Characters directly after a number are hidden with it; only an exponent has a sign.
TokenKind Lexer::number(size_t first) {
  const bool hex = at(first) == '0' && lower(at(first + 1)) == 'x';
  size_t end = first;
  while (end < text_.size()) {
    const char c = text_[end];
    const bool exponent_sign = (c == '+' || c == '-') && !hex && lower(text_[end - 1]) == 'e' &&
                               (is_digit(at(end + 1)) || end + 1 == text_.size());
    const bool dollar = c == '$' && is(Dialect::kPostgres);  // $tag$ may begin
    if (dollar || (!in_word(c) && c != '.' && !exponent_sign)) break;
    ++end;
  }
  return take(TokenKind::kLiteral, end);
}

TokenKind Lexer::signed_number() {
  const size_t first = text_[at_] == '.' ? at_ : at_ + 1;
  if (number_at(first) && !after_operand()) return number(first);
  return take(TokenKind::kPunct, at_ + 1);
}

TokenKind Lexer::parameter() {
  const char c = text_[at_];
  if (c == ':') return colon();
  const bool numbered = is(Dialect::kSqlite) || is(Dialect::kGeneric);
  if (c == '?') return take(TokenKind::kParameter, numbered ? skip_digits(at_ + 1) : at_ + 1);
  const size_t name = at(at_ + 1) == '@' ? at_ + 2 : at_ + 1;
  return take(in_word(at(name)) ? TokenKind::kParameter : TokenKind::kPunct, skip_word(name));
}

// x::type, a[1:2] or :name.
TokenKind Lexer::colon() {
  if (at(at_ + 1) == ':') return take(TokenKind::kPunct, at_ + 2);
  const bool named = is(Dialect::kSqlite) || is(Dialect::kGeneric);
  const bool slice = after_operand() || (adjacent() && last_kind_ == TokenKind::kLiteral);
  if (!named || slice || !in_word(at(at_ + 1))) return take(TokenKind::kPunct, at_ + 1);
  return take(TokenKind::kParameter, skip_word(at_ + 1));
}

// MySQL requires a space after the dashes of a comment: 1--1 is 2.
TokenKind Lexer::dash() {
  if (at(at_ + 1) != '-') return signed_number();
  const bool comment = !is(Dialect::kMysql) || static_cast<uint8_t>(at(at_ + 2)) <= ' ';
  return comment ? line_comment() : take(TokenKind::kPunct, at_ + 1);
}

TokenKind Lexer::slash() {
  if (at(at_ + 1) != '*') return take(TokenKind::kPunct, at_ + 1);
  const size_t mark = at(at_ + 2) == 'M' ? at_ + 3 : at_ + 2;  // MariaDB: /*M!
  if (!is(Dialect::kMysql) || at(mark) != '!')
    return take(TokenKind::kComment, block_comment_end());
  in_hint_ = true;
  return take(TokenKind::kComment, skip_digits(mark + 1));
}

TokenKind Lexer::star() {
  if (!in_hint_ || at(at_ + 1) != '/') return take(TokenKind::kPunct, at_ + 1);
  in_hint_ = false;
  return take(TokenKind::kComment, at_ + 2);
}

TokenKind Lexer::line_comment() {
  const size_t end = text_.find_first_of(is(Dialect::kPostgres) ? "\n\r" : "\n", at_);
  return take(TokenKind::kComment, std::min(end, text_.size()));
}

size_t Lexer::block_comment_end() const {
  const bool nests = is(Dialect::kPostgres) || is(Dialect::kGeneric);
  int depth = 1;
  for (size_t i = at_ + 2; i + 1 < text_.size(); ++i) {
    const bool closes = text_[i] == '*' && text_[i + 1] == '/';
    const bool opens = nests && text_[i] == '/' && text_[i + 1] == '*';
    if (!closes && !opens) continue;
    depth += opens ? 1 : -1;
    ++i;
    if (depth == 0) return i + 1;
  }
  return text_.size();
}

size_t Lexer::skip_word(size_t from) const {
  while (from < text_.size() && in_word(text_[from])) ++from;
  return std::min(from, text_.size());
}

size_t Lexer::skip_digits(size_t from) const {
  while (from < text_.size() && is_digit(text_[from])) ++from;
  return from;
}

bool Lexer::number_at(size_t i) const {
  return is_digit(at(i)) || (at(i) == '.' && is_digit(at(i + 1)));
}

bool Lexer::after_operand() const {
  if (!adjacent()) return false;
  const char c = text_[last_end_ - 1];
  return last_kind_ == TokenKind::kPunct ? c == ')' || c == ']' : last_kind_ != TokenKind::kLiteral;
}

}  // namespace weft::sql

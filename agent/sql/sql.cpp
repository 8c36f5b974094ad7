// SPDX-License-Identifier: Apache-2.0
#include "agent/sql/sql.h"

#include <algorithm>
#include <utility>

#include "agent/base/utf8.h"
#include "agent/sql/keywords.h"
#include "agent/sql/lexer.h"
#include "agent/sql/summary.h"
#include "agent/sql/values.h"

namespace weft::sql {
namespace {

// Processes one text. What is kept is copied in runs as long as possible.
class Sanitizer {
 public:
  Sanitizer(std::string_view text, Dialect dialect, Backslash backslash)
      : text_(text),
        dialect_(dialect),
        lexer_(text, dialect, backslash),
        summarizer_(dialect),
        values_(dialect) {
    out_.reserve(std::min(text.size(), kMaxText));
  }
  Statement run();

 private:
  bool take_next();
  bool fits(TokenKind kind) const;
  void take(TokenKind kind);
  void take_word();
  void take_quoted();
  void take_punct();
  bool is_literal(WordId id) const;
  bool is_name() const;
  void hide();
  void drop();
  void copy_until(size_t end);
  void passed(WordId id);
  std::string_view view() const {
    return text_.substr(lexer_.begin(), lexer_.end() - lexer_.begin());
  }

  std::string_view text_;
  Dialect dialect_;
  Lexer lexer_;
  Summarizer summarizer_;
  Values values_;
  std::string out_;
  size_t copied_ = 0;            // bytes of the text already in out_ or left out of it
  size_t taken_ = 0;             // end of the last token; the text between the two is kept
  WordId last_ = WordId::kNone;  // the previous token, if it was a word
  WordId before_last_ = WordId::kNone;
  bool after_dot_ = false;
  bool secret_ = false;  // a name in this statement may be a password
};

Statement Sanitizer::run() {
  while (take_next()) continue;
  std::string summary = to_utf8(summarizer_.summary());
  if (!is_ascii(out_)) out_ = to_utf8(out_);
  return {std::move(out_), std::move(summary)};
}

bool Sanitizer::take_next() {
  const TokenKind kind = lexer_.next();
  const bool fitting = fits(kind);
  if (kind == TokenKind::kEnd || !fitting) {
    copy_until(fitting ? text_.size() : taken_);
    return false;
  }
  take(kind);
  taken_ = lexer_.end();
  return true;
}

bool Sanitizer::fits(TokenKind kind) const {
  const bool kept = kind != TokenKind::kLiteral && kind != TokenKind::kComment;
  const size_t end = kept ? lexer_.end() : lexer_.begin() + size_t{1};
  return out_.size() + (end - copied_) <= kMaxText;
}

void Sanitizer::take(TokenKind kind) {
  switch (kind) {
    case TokenKind::kWord:
      return take_word();
    case TokenKind::kQuoted:
      return take_quoted();
    case TokenKind::kPunct:
      return take_punct();
    case TokenKind::kLiteral:
      values_.operand();
      return hide();
    case TokenKind::kComment:
      return drop();
    case TokenKind::kParameter:
      values_.operand();
      summarizer_.operand();
      return passed(WordId::kNone);
    case TokenKind::kEnd:
      return;
  }
}

void Sanitizer::take_word() {
  const Keyword known = after_dot_ ? Keyword{} : keyword(text_, lexer_.begin(), lexer_.end());
  const bool value = values_.word(view(), after_dot_);
  if (value || is_literal(known.id)) return hide();
  secret_ = secret_ || known.id == WordId::kSecret;
  summarizer_.word(view(), known);
  passed(known.id);
}

void Sanitizer::take_quoted() {
  const bool value = values_.quoted(is_name(), after_dot_);
  if (value || secret_) return hide();
  summarizer_.quoted_name(view());
  passed(WordId::kNone);
}

void Sanitizer::take_punct() {
  const char c = text_[lexer_.begin()];
  values_.punct(c);
  summarizer_.punct(c);
  passed(WordId::kNone);
  after_dot_ = c == '.';
  if (c == ';') secret_ = false;
}

// TRUE as a value, and the passwords in Oracle's IDENTIFIED BY new REPLACE old.
bool Sanitizer::is_literal(WordId id) const {
  if (secret_ && (last_ == WordId::kBy || last_ == WordId::kInsert)) return true;
  if (id != WordId::kBoolean) return false;
  const WordId asked = last_ == WordId::kNot ? before_last_ : last_;
  return asked != WordId::kIs;
}

// SQLite takes "x" as a string if no name x is known, unless only a name can be there.
bool Sanitizer::is_name() const {
  if (dialect_ != Dialect::kSqlite || text_[lexer_.begin()] != '"') return true;
  const size_t next = text_.find_first_not_of(" \t\r\n\f\v", lexer_.end());
  return (next != text_.npos && text_[next] == '.') || summarizer_.expects_name();
}

void Sanitizer::hide() {
  copy_until(lexer_.begin());
  out_ += '?';
  copied_ = lexer_.end();
  summarizer_.operand();
  passed(WordId::kNone);
}

// Words that the comment separated stay separate.
void Sanitizer::drop() {
  const auto is_space = [](char c) { return c == ' ' || (c >= '\t' && c <= '\r'); };
  copy_until(lexer_.begin());
  copied_ = lexer_.end();
  if (out_.empty() || is_space(out_.back())) return;
  if (lexer_.end() < text_.size() && !is_space(text_[lexer_.end()])) out_ += ' ';
}

void Sanitizer::copy_until(size_t end) {
  if (end <= copied_) return;
  out_.append(text_, copied_, end - copied_);
  copied_ = end;
}

void Sanitizer::passed(WordId id) {
  before_last_ = last_;
  last_ = id;
  after_dot_ = false;
}

}  // namespace

Statement sanitize(std::string_view text, Dialect dialect, Backslash backslash) {
  return Sanitizer(text, dialect, backslash).run();
}

}  // namespace weft::sql

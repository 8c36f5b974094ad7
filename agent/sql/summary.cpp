// SPDX-License-Identifier: Apache-2.0
#include "agent/sql/summary.h"

#include <algorithm>
#include <cstring>

namespace weft::sql {
namespace {

char upper(char c) {
  return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
}

bool same_name(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, {}, upper, upper);
}

template <WordId... kIds>
bool is_any_of(WordId id) {
  return ((id == kIds) || ...);
}

}  // namespace

void Summarizer::word(std::string_view text, Keyword keyword) {
  if (continues_name(text)) return;
  in_body_ = in_body_ || (routine_ && keyword.id == WordId::kBegin);
  if (ignored()) return;
  if (!is_any_of<WordId::kAll, WordId::kDistinct, WordId::kSelect>(keyword.id))
    set_operator_ = keyword.id == WordId::kSetOperator;
  if (depth_ == 0 && top().statement == WordId::kNone) {
    top().statement = WordId::kOther;
    if (keyword.roles & kCommand) operation(text, keyword);
  } else if (!expected(text, keyword)) {
    clause(text, keyword);
  }
  last_ = keyword.id;
}

void Summarizer::quoted_name(std::string_view text) {
  if (continues_name(text)) return;
  pass(false);
  if (ignored()) return;
  if (top().expect == Expect::kBoundName) return bind(text);
  if (top().expect != Expect::kNothing && top().expect != Expect::kObject) name(text);
}

void Summarizer::operand() {
  pass(false);
  if (!ignored()) forget_expected();
}

void Summarizer::punct(char c) {
  if (c == '.') return dot();
  pass(c == '(');
  if (c == ';') return end_statement();
  if (quiet_) return;
  if (c == '(') return open();
  if (c == ')') return close();
  if (beyond_ > 0) return;
  c == ',' ? comma() : forget_expected();
}

void Summarizer::pass(bool keeps_set_operator) {
  set_operator_ = set_operator_ && keeps_set_operator;
  last_ = WordId::kNone;
  in_name_ = false;
  dots_ = 0;
}

void Summarizer::operation(std::string_view text, Keyword keyword) {
  if (keyword.id == WordId::kSelect) return select(text);
  top().statement = keyword.id == WordId::kNone ? WordId::kOther : keyword.id;
  if (keyword.id == WordId::kWith) return expect(Expect::kBoundName, true);
  append(text);
  top().mark = static_cast<uint8_t>(size_);
  quiet_ = keyword.id == WordId::kGrant;
  const bool procedure = keyword.id == WordId::kExecute && dialect_ == Dialect::kGeneric;
  const bool several = (keyword.roles & kTakesTargets) != 0;
  if (keyword.roles & kTakesObject) return expect(Expect::kObject, several);
  if (several || procedure || keyword.roles & kTakesTarget) expect(Expect::kTarget, several);
}

// Whether the word is an operation here. Elsewhere it is a clause: FOR UPDATE, ON CONFLICT DO
// UPDATE, WHEN MATCHED THEN INSERT.
bool Summarizer::performs(WordId id) const {
  if (!is_any_of<WordId::kInsert, WordId::kUpdate, WordId::kDelete, WordId::kMerge>(id))
    return false;
  const WordId statement = top().statement;
  if (is_any_of<WordId::kWith, WordId::kPrefix, WordId::kBegin>(statement)) return true;
  return statement == WordId::kNone && frames_[depth_ - 1].statement == WordId::kWith;
}

// Whether the word is expected here, or comes before what is.
bool Summarizer::expected(std::string_view text, Keyword keyword) {
  if (top().expect == Expect::kNothing || keyword.id == WordId::kSelect) return false;
  if (top().expect == Expect::kObject) {
    object(text, keyword);
  } else if (top().expect == Expect::kBoundName) {
    if (keyword.id != WordId::kRecursive) bind(text);
  } else if (!skips(keyword)) {
    const bool clause =
        is_any_of<WordId::kFrom, WordId::kJoin, WordId::kUsing, WordId::kOn, WordId::kWith>(
            keyword.id);
    if (clause || keyword.roles & kEndsTables) return false;
    name(text);
  }
  return true;
}

bool Summarizer::skips(Keyword keyword) const {
  if (top().expect == Expect::kTable) return keyword.id == WordId::kOnly;
  const bool table = keyword.id == WordId::kTable && top().statement == WordId::kTruncate;
  return table || keyword.roles & kSkipped;
}

void Summarizer::object(std::string_view text, Keyword keyword) {
  if (keyword.roles & kObject) {
    append(text);
    top().expect = Expect::kTarget;
    routine_ = keyword.id == WordId::kRoutine && top().statement == WordId::kDefine;
  } else if (!(keyword.roles & kModifier)) {
    quiet_ = true;
  }
}

void Summarizer::clause(std::string_view text, Keyword keyword) {
  const WordId statement = top().statement;
  if (keyword.id == WordId::kSelect) return select(text);
  if (performs(keyword.id) || (keyword.id == WordId::kWith && may_bind()))
    return operation(text, keyword);
  if (keyword.id == WordId::kFrom) return from();
  if (keyword.id == WordId::kJoin && top().list) return expect(Expect::kTable, true);
  // No kTable: the parentheses of JOIN t USING (a, b) hold columns.
  if (keyword.id == WordId::kUsing && is_any_of<WordId::kDelete, WordId::kMerge>(statement))
    return expect(Expect::kTarget, true);
  if (keyword.id == WordId::kOn) return forget_expected();
  if (keyword.roles & kEndsTables) expect(Expect::kNothing, false);
}

bool Summarizer::may_bind() const {
  return is_any_of<WordId::kNone, WordId::kInsert, WordId::kPrefix>(top().statement);
}

void Summarizer::select(std::string_view text) {
  if (!set_operator_) append(text);
  set_operator_ = false;
  top().statement = WordId::kSelect;
  expect(Expect::kNothing, false);
}

void Summarizer::from() {
  const WordId statement = top().statement;
  if (last_ == WordId::kDistinct) return;  // a IS DISTINCT FROM b
  // DELETE a, b FROM t a …: a and b were aliases, or tables named again here.
  if (statement == WordId::kDelete && !full_) size_ = top().mark;
  if (is_any_of<WordId::kSelect, WordId::kUpdate, WordId::kDelete>(statement))
    expect(Expect::kTable, true);
}

void Summarizer::expect(Expect what, bool list) {
  top().expect = what;
  top().list = list;
}

void Summarizer::forget_expected() {
  if (top().expect != Expect::kObject) top().expect = Expect::kNothing;
}

void Summarizer::name(std::string_view text) {
  top().expect = Expect::kNothing;
  if (bound(text)) return;
  append(text);
  in_name_ = true;
  quiet_ = top().statement == WordId::kDefine;
}

bool Summarizer::continues_name(std::string_view text) {
  in_name_ = dots_ > 0;
  if (!in_name_) return false;
  add(std::string_view("..").substr(0, dots_));
  add(text);
  dots_ = 0;
  return true;
}

void Summarizer::bind(std::string_view text) {
  top().expect = Expect::kNothing;
  if (bound_count_ < kMaxBound) bound_[bound_count_++] = text;
}

bool Summarizer::bound(std::string_view text) const {
  const auto end = bound_.begin() + static_cast<ptrdiff_t>(bound_count_);
  return std::any_of(bound_.begin(), end, [&](std::string_view b) { return same_name(b, text); });
}

void Summarizer::open() {
  if (beyond_ > 0 || depth_ + 1 == kMaxDepth) {
    ++beyond_;
    return;
  }
  Frame inner{};
  inner.list = top().expect == Expect::kTable;  // (SELECT …) or (a JOIN b)
  if (inner.list) inner.expect = Expect::kTable;
  forget_expected();
  frames_[++depth_] = inner;
}

void Summarizer::close() {
  if (beyond_ > 0) {
    --beyond_;
  } else if (depth_ > 0) {
    --depth_;
  }
}

void Summarizer::comma() {
  const bool binds = top().statement == WordId::kWith;
  if (top().list) top().expect = binds ? Expect::kBoundName : Expect::kTable;
}

// Transact-SQL may omit the schema: a..b.
void Summarizer::dot() {
  dots_ = in_name_ || (dots_ > 0 && dots_ < 2) ? dots_ + 1 : 0;
  in_name_ = false;
}

void Summarizer::end_statement() {
  frames_[0] = {};
  depth_ = beyond_ = bound_count_ = 0;
  quiet_ = in_body_;
  routine_ = false;
}

void Summarizer::append(std::string_view text) {
  before_ = size_;
  if (size_ > 0) add(" ");
  add(text);
}

void Summarizer::add(std::string_view text) {
  full_ = full_ || size_ + text.size() > kMaxSummary;
  if (full_) {
    size_ = std::min(size_, before_);
    return;
  }
  std::memcpy(summary_.data() + size_, text.data(), text.size());
  size_ += text.size();
}

}  // namespace weft::sql

// SPDX-License-Identifier: Apache-2.0
// Builds a statement's summary, its operations and their targets, from its tokens in order.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "agent/sql/keywords.h"
#include "agent/sql/sql.h"

namespace weft::sql {

// For one text, whose bytes must outlive this object. Constant memory: what is more than kMaxDepth
// parentheses deep is ignored, and names bound by WITH beyond kMaxBound count as tables.
class Summarizer {
 public:
  explicit Summarizer(Dialect dialect) : dialect_(dialect) { frames_[0] = {}; }
  // A keyword after a dot is a name: pass {}.
  void word(std::string_view text, Keyword keyword);
  void quoted_name(std::string_view text);
  void operand();  // a literal or a parameter
  // True: a quoted name here would be a target, or a name that WITH binds.
  bool expects_name() const {
    return !ignored() && top().expect != Expect::kNothing && top().expect != Expect::kObject;
  }
  void punct(char c);
  // Valid until the next call.
  std::string_view summary() const { return {summary_.data(), size_}; }

 private:
  static constexpr size_t kMaxDepth = 48;
  static constexpr size_t kMaxBound = 8;

  enum class Expect : uint8_t { kNothing, kTable, kTarget, kObject, kBoundName };

  // State inside one pair of parentheses, or outside all of them.
  struct Frame {
    WordId statement;
    Expect expect;  // what a name would be here
    bool list;      // after a comma one more is expected
    uint8_t mark;   // size of the summary after the operation
  };

  void operation(std::string_view text, Keyword keyword);
  bool performs(WordId id) const;
  bool expected(std::string_view text, Keyword keyword);
  bool skips(Keyword keyword) const;
  void object(std::string_view text, Keyword keyword);
  void clause(std::string_view text, Keyword keyword);
  bool may_bind() const;
  void select(std::string_view text);
  void from();
  void expect(Expect what, bool list);
  void forget_expected();

  void name(std::string_view text);
  bool continues_name(std::string_view text);
  void bind(std::string_view text);
  bool bound(std::string_view text) const;

  void open();
  void close();
  void comma();
  void dot();
  void end_statement();
  void pass(bool keeps_set_operator);
  bool ignored() const { return beyond_ > 0 || quiet_; }

  void append(std::string_view text);
  void add(std::string_view text);

  Frame& top() { return frames_[depth_]; }
  const Frame& top() const { return frames_[depth_]; }

  Dialect dialect_;
  std::array<char, kMaxSummary> summary_;
  size_t size_ = 0;
  size_t before_ = 0;                    // size before the last operation or target
  bool full_ = false;                    // one did not fit: the rest is left out too
  std::array<Frame, kMaxDepth> frames_;  // up to depth_
  size_t depth_ = 0;
  size_t beyond_ = 0;  // parentheses open beyond kMaxDepth
  std::array<std::string_view, kMaxBound> bound_;
  size_t bound_count_ = 0;
  WordId last_ = WordId::kNone;  // the previous token, if it was a word
  bool in_name_ = false;         // the token before was a part of a target's name
  size_t dots_ = 0;              // dots since that part
  bool set_operator_ = false;    // after UNION: the next SELECT is not another operation
  bool quiet_ = false;           // nothing up to the end of the statement is executed
  bool routine_ = false;         // in a definition in which BEGIN starts a body of statements
  bool in_body_ = false;         // inside that body; its end is not searched
};

}  // namespace weft::sql

// SPDX-License-Identifier: Apache-2.0
// Answers of memcached's text protocol (doc/protocol.txt of memcached 1.6). Reads what it is
// given once and keeps only counters: a value of any size takes no memory.
//
//   VALUE KEY FLAGS BYTES [CAS] CRLF  data CRLF  …  END CRLF
//   STAT NAME TEXT CRLF  …  END CRLF
//   VA BYTES [FLAG …] CRLF  data CRLF
//   one line: everything else
#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string_view>

#include "agent/port/protocol.h"

namespace weft::protocol::memcached {

// What the first line of an answer is.
enum class Answer : uint8_t {
  kNone,
  kValue,
  kEnd,
  kStored,
  kNotStored,
  kExists,
  kNotFound,
  kDeleted,
  kTouched,
  kNumber,
  kOk,
  kReset,
  kStat,  // STAT, ITEM or PREFIX
  kVersion,
  kHd,
  kVa,
  kEn,
  kNs,
  kEx,
  kNf,
  kMn,
  kMe,
  kDump,         // a line of lru_crawler metadump or mgdump
  kOther,        // refusals of the administration's commands: BUSY, UNSAFE, …
  kError,        // ERROR
  kClientError,  // CLIENT_ERROR text
  kServerError   // SERVER_ERROR text
};

constexpr uint32_t set_of(std::initializer_list<Answer> answers) {
  uint32_t out = 0;
  for (const Answer answer : answers) out |= 1u << static_cast<unsigned>(answer);
  return out;
}

inline constexpr uint32_t kErrors =
    set_of({Answer::kError, Answer::kClientError, Answer::kServerError});

// Longer lines are given up. The longest are those of `stats`, and of `me`.
inline constexpr size_t kMaxReplyLine = 8192;

// Bytes of the first line with its line feed; 0: there is none in the first `most` bytes.
size_t line_size(std::string_view bytes, size_t most);

// May an answer begin with these bytes, as far as they go?
bool may_be_answer(std::string_view bytes);

// A block of data and the line end after it. Counted.
class Block {
 public:
  void begin(uint64_t length) { left_ = length + 2; }
  void clear() { left_ = 0; }
  bool done() const { return left_ == 0; }
  // kLost: there is no line end where it ought to be.
  Progress read(std::string_view bytes);
  // How many of n bytes not seen are of it; fewer than n only if it is done then.
  uint64_t skip(uint64_t n);

 private:
  uint64_t left_ = 0;
};

// One answer, read as it comes.
class Reply {
 public:
  // kOk: something was consumed; kLost: no such protocol. Stops behind the first line, and
  // where the answer is done.
  Progress read(std::string_view bytes);
  // As Block::skip. Fewer than n and not done(): where the next line begins is not known.
  uint64_t skip(uint64_t n) { return block_.skip(n); }
  bool done() const { return ended_ && block_.done(); }
  // The first line alone, without its line end; leaves answer() as it is when it is none.
  ParseStatus first_line(std::string_view text);

  // kNone: the first line is not yet complete.
  Answer answer() const { return answer_; }
  bool is_error() const { return error_ != Answer::kNone; }
  // "SERVER_ERROR" and so on, also when that came behind values; empty: none.
  std::string_view code() const;
  // Of a meta answer, hashed; 0: it has no such flag.
  uint64_t opaque() const { return opaque_; }
  uint64_t key() const { return key_; }
  // Bytes of data that follow the newest line; none: it announces none.
  std::optional<uint64_t> block() const { return size_; }

 private:
  Progress line(std::string_view bytes);
  ParseStatus next(std::string_view text);
  bool value(std::string_view text);
  bool meta_value(std::string_view text);
  void flags(std::string_view rest);

  Block block_;
  Answer answer_ = Answer::kNone;
  Answer error_ = Answer::kNone;
  std::optional<uint64_t> size_;
  bool ended_ = false;  // no line comes behind the block
  uint64_t opaque_ = 0;
  uint64_t key_ = 0;
};

}  // namespace weft::protocol::memcached

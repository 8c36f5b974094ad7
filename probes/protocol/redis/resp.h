// SPDX-License-Identifier: Apache-2.0
// RESP2 and RESP3 framing (redis.io, "Redis serialization protocol specification"). Reads
// what it is given once, keeps only counters: an array of a million elements or a bulk of
// 512 MB takes no memory.
//
//   + - : _ # , (    one line                        $ = !   length, that many bytes, CRLF
//   * ~ > %          count, that many values (% twice)   |   the same, before a value
//   $? ;n … ;0       a string in chunks              *? … .  values up to the dot
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "agent/port/protocol.h"

namespace weft::protocol::redis {

// Longer lines are given up; only errors and statuses may have more than a number's digits.
inline constexpr size_t kMaxLine = 65536;
inline constexpr size_t kMaxCountLine = 24;

// "*3\r\n", "$-1\r\n", "%?\r\n"
struct Header {
  char type = 0;
  bool streamed = false;  // "?"
  int64_t count = 0;      // −1 … 2^40
  size_t size = 0;        // bytes with the line end; 0: more are needed
};
// None: these bytes begin no header of a count.
std::optional<Header> read_header(std::string_view bytes);

// May a value begin with these bytes, as far as they go?
bool may_be_value(std::string_view bytes);

// A bulk's bytes and the line end after them. Counted.
class Bulk {
 public:
  void begin(int64_t length) { left_ = static_cast<uint64_t>(length) + 2; }
  bool done() const { return left_ == 0; }
  // kLost: there is no line end where it ought to be.
  Progress read(std::string_view bytes);
  // How many of n bytes not seen are of it; fewer than n only if it is done then.
  uint64_t skip(uint64_t n);

 private:
  uint64_t left_ = 0;
};

// One value, with all that is in it, read as it comes.
class Reply {
 public:
  // kOk: all was consumed or it is done; kLost: no RESP.
  Progress read(std::string_view bytes);
  // As Bulk::skip. Fewer than n and not done(): where the next value begins is not known.
  uint64_t skip(uint64_t n) { return bulk_.skip(n); }
  bool done() const { return left_ == 0 && depth_ == 0 && !chunked_ && bulk_.done(); }

  // First byte of the value itself (attributes go before it); 0: not yet known.
  char type() const { return type_; }
  bool is_error() const { return type_ == '-' || type_ == '!'; }
  // The value, if it is a short status, or its first element, if that is a short string.
  std::string_view word() const { return word_; }
  // The first error in it, at any depth: is there one, its prefix if it has one.
  bool has_error() const { return has_error_; }
  std::string_view code() const { return code_; }
  bool is_unknown_command() const { return unknown_command_; }
  // The last integer in it; 0 if there is none.
  int64_t integer() const { return integer_; }

 private:
  static constexpr size_t kMaxStreams = 8;  // streamed values within each other
  static constexpr int64_t kMaxWord = 15;   // "punsubscribe" has 12; such strings need no heap

  Progress value(std::string_view bytes);
  Progress line(std::string_view bytes);
  Progress counted(std::string_view bytes);
  Progress string(std::string_view bytes, const Header& header);
  ParseStatus aggregate(const Header& header);
  ParseStatus end_stream();
  void take_error(std::string_view text);
  void value_begins(char type);

  Bulk bulk_;
  uint64_t left_ = 1;  // values to come, of the innermost stream
  std::array<uint64_t, kMaxStreams> outer_{};
  uint8_t depth_ = 0;
  char type_ = 0;
  bool chunked_ = false;  // within "$?"
  bool first_ = false;    // the next value is the first element
  bool has_error_ = false;
  bool unknown_command_ = false;
  int64_t integer_ = 0;
  std::string word_;
  std::string code_;
};

}  // namespace weft::protocol::redis

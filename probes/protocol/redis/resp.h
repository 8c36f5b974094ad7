// SPDX-License-Identifier: Apache-2.0
// RESP2 and RESP3 framing (redis.io, "Redis serialization protocol specification"). Reads each
// byte once and keeps only counters: an array of a million elements or a bulk of 512 MB takes no
// memory.
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

// Longer lines are kLost; only errors and statuses may be longer than a number.
inline constexpr size_t kMaxLine = 65536;
inline constexpr size_t kMaxCountLine = 24;

// "*3\r\n", "$-1\r\n", "%?\r\n"
struct Header {
  char type = 0;
  bool streamed = false;  // "?"
  int64_t count = 0;      // −1 … 2^40
  size_t size = 0;        // bytes with the line end; 0: more are needed
};
// None: these bytes do not begin a header with a count.
std::optional<Header> read_header(std::string_view bytes);

// May a value begin with these bytes?
bool may_be_value(std::string_view bytes);

// Counts a bulk's bytes and the line end after them.
class Bulk {
 public:
  void begin(int64_t length) { left_ = static_cast<uint64_t>(length) + 2; }
  bool done() const { return left_ == 0; }
  // kLost: the line end is missing.
  Progress read(std::string_view bytes);
  // How many of n unseen bytes belong to it; fewer than n only if it ends there.
  uint64_t skip(uint64_t n);

 private:
  uint64_t left_ = 0;
};

// One value with all its elements, read as the bytes come.
class Reply {
 public:
  // kOk: all was consumed, or the value is complete; kLost: not RESP.
  Progress read(std::string_view bytes);
  // Like Bulk::skip. Fewer than n and not done(): it is unknown where the next value begins.
  uint64_t skip(uint64_t n) { return bulk_.skip(n); }
  bool done() const { return left_ == 0 && depth_ == 0 && !chunked_ && bulk_.done(); }

  // First byte of the value itself (after attributes); 0: not yet known.
  char type() const { return type_; }
  bool is_error() const { return type_ == '-' || type_ == '!'; }
  // The value if it is a short status, or its first element if that is a short string.
  std::string_view word() const { return word_; }
  // Does it contain an error, at any depth? code(): the prefix of the first one, if it has one.
  bool has_error() const { return has_error_; }
  std::string_view code() const { return code_; }
  bool is_unknown_command() const { return unknown_command_; }
  // The last integer in it; 0 if there is none.
  int64_t integer() const { return integer_; }

 private:
  static constexpr size_t kMaxStreams = 8;  // nested streamed values
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

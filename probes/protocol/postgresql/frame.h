// SPDX-License-Identifier: Apache-2.0
// Messages of the frontend/backend protocol 3 (PostgreSQL manual, "Message Formats"):
//
//   type  1 byte   none in a startup packet, whose first byte is 0
//   size  4 bytes  big endian, of itself and the body
//   body  size-4 bytes
//
// Pure, except MessageReader, which keeps one direction's position in the stream.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "agent/port/protocol.h"

namespace weft::protocol::postgresql {

inline constexpr size_t kHeaderSize = 5;
// Longest body the protocol allows (PQ_LARGE_MESSAGE_LIMIT).
inline constexpr uint32_t kMaxMessage = 0x3fffffff;
// Longest startup packet a server accepts (MAX_STARTUP_PACKET_LENGTH).
inline constexpr uint32_t kMaxStartup = 10000;
inline constexpr char kStartup = '\0';  // stands for the missing type of startup packets

struct Header {
  char type = kStartup;
  uint32_t header = 0;  // bytes before the body
  uint32_t body = 0;    // bytes of the body
};

// The header at the front of `bytes`; none: no message of the direction begins there, or there
// are fewer than kHeaderSize bytes.
std::optional<Header> parse_header(Direction direction, std::string_view bytes);

// Do messages of the direction follow one another from the front of `bytes` to its end?
// The last one may be truncated; the first one's header must be complete.
bool chain_fits(Direction direction, std::string_view bytes);

// Removes a NUL-terminated string from the front; none if it does not end within `rest`.
std::optional<std::string_view> take_string(std::string_view& rest);

// Reads one direction message by message. Keeps as much of each body as its table of types
// says, so that nothing has to be shown twice except a truncated header.
class MessageReader {
 public:
  explicit MessageReader(Direction direction) : direction_(direction) {}

  enum class Step : uint8_t {
    kPart,      // all bytes were read, the message continues
    kComplete,  // type(), body() and cut() describe a message
    kNeedMore,  // a header is truncated
    kBroken,    // no message begins here
  };
  // Removes bytes from the front of `bytes`, up to the message's end.
  Step read(std::string_view& bytes);
  // n bytes were not seen. Returns how many of them belong to the body, and sets `complete` if
  // it ends with them.
  uint64_t skip(uint64_t n, bool& complete);
  // Forgets the current message.
  void reset();

  bool at_start() const { return !inside_; }
  char type() const { return header_.type; }
  // The kept front of the body. Valid until the next non-const call.
  std::string_view body() const { return body_; }
  // The body is longer than body().
  bool cut() const { return body_.size() < header_.body; }

 private:
  void take_body(std::string_view shown);
  void complete();

  Direction direction_;
  bool inside_ = false;
  bool holed_ = false;  // the next bytes do not follow the kept ones
  Header header_;
  uint32_t left_ = 0;  // bytes of the body to come
  std::string kept_;   // front of a body that came in pieces
  std::string_view body_;
};

}  // namespace weft::protocol::postgresql

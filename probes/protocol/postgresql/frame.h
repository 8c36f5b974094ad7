// SPDX-License-Identifier: Apache-2.0
// Messages of the frontend/backend protocol 3 (PostgreSQL manual, "Message Formats"):
//
//   type  1 byte   none in a startup packet, whose first byte is 0
//   size  4 bytes  big endian, of itself and the body
//   body  size-4 bytes
//
// Pure but for MessageReader, which is one direction's place in the stream.
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
inline constexpr char kStartup = '\0';  // the type given to startup packets

struct Header {
  char type = kStartup;
  uint32_t header = 0;  // bytes before the body
  uint32_t body = 0;    // bytes of it
};

// What begins at the front of `bytes`; none: no message of the direction does, or fewer
// than kHeaderSize bytes are there.
std::optional<Header> parse_header(Direction direction, std::string_view bytes);

// Do messages of the direction follow one another from the front of `bytes` to its end?
// The last one may be cut by it; the first one's header is all there.
bool chain_fits(Direction direction, std::string_view bytes);

// Takes a NUL-terminated string off the front; none if it does not end here.
std::optional<std::string_view> take_string(std::string_view& rest);

// Reads one direction message by message. Keeps of each body its table of types says, so
// that nothing has to be shown twice but a cut header.
class MessageReader {
 public:
  explicit MessageReader(Direction direction) : direction_(direction) {}

  enum class Step : uint8_t {
    kPart,      // all was taken, the message goes on
    kComplete,  // type(), body() and cut() tell of a message
    kNeedMore,  // a header is cut
    kBroken,    // no message begins here
  };
  // Takes bytes off the front of `bytes`, as far as the message's end.
  Step read(std::string_view& bytes);
  // n bytes of the body were not shown. Returns how many of them belonged to it, and sets
  // `complete` if it ends with them.
  uint64_t skip(uint64_t n, bool& complete);
  // Forgets the message under way.
  void reset();

  bool at_start() const { return !inside_; }
  char type() const { return header_.type; }
  // The kept front of the body. Valid until the next call that is not const.
  std::string_view body() const { return body_; }
  // The body has more than body() shows.
  bool cut() const { return body_.size() < header_.body; }

 private:
  void take_body(std::string_view shown);
  void complete();

  Direction direction_;
  bool inside_ = false;
  bool holed_ = false;  // what comes now does not join what is kept
  Header header_;
  uint32_t left_ = 0;  // bytes of the body to come
  std::string kept_;   // of a body that came in pieces
  std::string_view body_;
};

}  // namespace weft::protocol::postgresql

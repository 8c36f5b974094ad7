// SPDX-License-Identifier: Apache-2.0
// The interface between the generic stream code and protocol knowledge: a protocol is a Session
// factory.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "agent/port/exchange.h"

namespace weft {

// Bytes of one direction, contiguous from `pos`, oldest first. After a session asks for more, it
// gets the same bytes again with more appended. Valid during the call.
class Chunk {
 public:
  struct Mark {
    uint64_t pos;  // first byte the stamp covers
    Stamp stamp;
  };
  Chunk(std::string_view bytes, uint64_t pos, std::span<const Mark> marks)
      : bytes_(bytes), pos_(pos), marks_(marks) {}

  std::string_view bytes() const { return bytes_; }
  uint64_t pos() const { return pos_; }
  // The stamp of the record that carried byte `offset` (≤ size: the last one at the end).
  const Stamp& stamp(size_t offset) const {
    return marks_.size() == 1 ? marks_.front().stamp : find_stamp(offset);
  }

 private:
  const Stamp& find_stamp(size_t offset) const;

  std::string_view bytes_;
  uint64_t pos_;
  std::span<const Mark> marks_;  // ascending, first covers pos_
};

enum class ParseStatus : uint8_t {
  kOk,        // consumed what it could; call again when there is more
  kNeedMore,  // the rest is an incomplete message: keep it, show it again with more
  kLost,      // no longer knows where a message starts: skip to the next one (Protocol::framing)
  kHopeless,  // not this protocol: ignore the connection from now on
  kDone,      // the connection becomes opaque (tunnel, upgrade): ignore it, no fault
  kHandOver,  // what follows is another protocol: Session::next_protocol
};

struct Progress {
  size_t consumed = 0;  // ≤ bytes shown (on_bytes) or ≤ n (on_gap)
  ParseStatus status = ParseStatus::kOk;
};

enum class CloseReason : uint8_t {
  kEnd,    // orderly: FIN, or the process closed it
  kReset,  // RST, or another socket error
  kKilled  // the process ended while the connection was open
};

// What a session may need to know about its connection.
struct SessionOptions {
  Role role = Role::kServer;
  std::string local_address;  // text; empty for Unix sockets
  std::string remote_address;
  uint16_t local_port = 0;
  uint16_t remote_port = 0;
  bool encrypted = false;  // bytes were captured above TLS: scheme https
  // Headers to record as attributes, lower case (http.request.header.<key>).
  std::shared_ptr<const struct CaptureOptions> capture;
};

// User settings that protocols share; owned by the configuration, immutable.
struct CaptureOptions {
  std::vector<std::string> request_headers;
  std::vector<std::string> response_headers;
  std::vector<std::string> known_methods;         // empty: the specification's set
  std::vector<std::string> sensitive_query_keys;  // empty: nothing is redacted
};

// One connection's protocol state. One thread; owns nothing outside itself; no I/O, no
// exceptions; bounded memory whatever the bytes. Every exchange it begins it ends or
// abandons, at the latest in on_close.
class Session {
 public:
  virtual ~Session() = default;
  virtual Progress on_bytes(Direction direction, const Chunk& chunk, ExchangeSink& sink) = 0;
  // n bytes were moved but not captured. consumed < n means that the rest is not a body. stamp: of
  // the record that counts these bytes. If that record is missing: of the next record, but with the
  // time of the last one before the gap, and never marked as a direction change. A session that
  // wants tails (Protocol::tail) and is inside a long message that it can skip returns kOk with
  // consumed == n, and looks for the end in the bytes of the next on_bytes.
  virtual Progress on_gap(Direction direction, uint64_t n, const Stamp& stamp,
                          ExchangeSink& sink) = 0;
  // This direction carries no more bytes (half close); called for both directions at the end.
  virtual void on_close(Direction direction, CloseReason reason, uint64_t time,
                        ExchangeSink& sink) = 0;
  // After kLost: does a message of this direction begin at the front of `bytes`? A protocol of
  // frames is asked at any byte, and is strict: no frame has wrong fields or begins in another.
  // It says no while the bytes are too few, and is asked again with more, up to kMostLookAhead.
  virtual bool starts_message(Direction direction, std::string_view bytes) const = 0;
  // After kHandOver: the name of the protocol that goes on, from the first byte not consumed in
  // this direction, and from the first one not consumed so far in the other. Static storage. The
  // session has ended or abandoned every exchange before it says kHandOver; then on_close is called
  // for the request's and the response's direction (kEnd), and nothing more. The protocol's own
  // session gets the same options and what has been held back. No row of that name: as kDone.
  virtual std::string_view next_protocol() const { return {}; }
  // Bytes per message the session would like captured from now on; 0: the default.
  virtual uint32_t wanted_head() const { return 0; }
};

// Bytes that starts_message gets to see at least, unless fewer have come.
inline constexpr size_t kMostLookAhead = 24;

// Where a lost direction of a protocol of frames goes on.
struct Resync {
  size_t at = 0;       // a message begins here; or may, when there are more bytes
  bool found = false;  // it does
};
Resync find_message(const Session& session, Direction direction, std::string_view bytes);

// What begins a message.
enum class Framing : uint8_t {
  kDirectionChange,  // the first bytes after the other direction's: HTTP/1, PostgreSQL, Redis
  kFrames,           // each frame, whoever spoke last: several exchanges are open at once
};

// Which bytes of a message the kernel side copies.
enum class CaptureMode : uint8_t {
  kHeads,  // as many as the message's budget allows (Session::wanted_head); the rest is a gap
  kAll,    // every byte, because frames of several messages interleave or all are needed
};

// One row of the registry. Constant data.
struct Protocol {
  uint8_t id;             // from probes/protocol.def; stored in recordings, so never reused
  std::string_view name;  // folder name, shown by status
  std::unique_ptr<Session> (*make)(const SessionOptions& options);
  // The sniffer of probes/protocol/<name>/sniff.h: enum weft_sniff_result.
  int (*sniff)(const unsigned char* bytes, unsigned int n);
  // Overwrites, in one record's payload, what a recording must not contain (bodies, secrets). Keeps
  // length and framing, so that a replay gives the same exchanges. Null: redacted recordings have
  // no payloads of this protocol.
  void (*redact)(std::span<char> payload) = nullptr;
  // Name of a span about which nothing more is known; empty: the protocol's name.
  std::string_view span_name = {};
  // Bytes copied from the end of each call once the message's budget is spent; 0: none. For a long
  // message the session then gets, call by call: the copied beginning (on_bytes), the size of what
  // was skipped (on_gap), and the last `tail` bytes at their position (on_bytes). The tail may be
  // the middle of anything (a row, a number), span the end of one message and the start of the
  // next, or, before the last call, contain no end at all. It is absent where the call shows no
  // buffer. Keep it as small as the part that a decision needs.
  uint16_t tail = 0;
  // Not empty: only calls that end like this have their tail copied, which saves a record in all
  // others. At most 8 bytes. A call in several buffers is not looked at; its tail is copied.
  std::string_view tail_end = {};
  // Not 0: exchanges can be left out one by one, to save what watching costs: a session that begins
  // with any request understands it, and a request's response comes before the next request. The
  // first digit of a response's status is at this offset; it is all that is looked at then.
  uint8_t status_at = 0;
  // After a loss, a protocol of frames is read again where starts_message says so, in the middle of
  // anything. On the kernel side each call is a message: a call in the request's direction has an
  // exchange of its own, whose id serves the first request that begins in it.
  Framing framing = Framing::kDirectionChange;
  // kAll holds as long as the reader keeps up: then, as for every connection, the heads only.
  CaptureMode capture = CaptureMode::kHeads;
};

// Expanded from probes/protocol.def (probes/registry.cpp).
std::span<const Protocol> protocols();

// Null: no protocol has the id, or the name.
inline const Protocol* protocol_with(uint8_t id) {
  const auto all = protocols();
  const auto found = std::ranges::find(all, id, &Protocol::id);
  return found == all.end() ? nullptr : &*found;
}
inline const Protocol* protocol_with(std::string_view name) {
  const auto all = protocols();
  const auto found = std::ranges::find(all, name, &Protocol::name);
  return found == all.end() ? nullptr : &*found;
}

}  // namespace weft

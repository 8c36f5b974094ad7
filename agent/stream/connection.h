// SPDX-License-Identifier: Apache-2.0
// One connection as user space knows it: its two ends, and the session that parses it. A layer of
// bytes above a connection is a connection of its own here, with the same ends.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "agent/port/event.h"
#include "agent/port/protocol.h"
#include "agent/stream/byte_stream.h"
#include "agent/stream/endpoint.h"
#include "agent/stream/session_factory.h"

namespace weft {

struct ConnectionInfo {
  uint64_t id = 0;
  // Not 0: the bytes are of a layer above this connection (the plaintext above TLS).
  uint64_t transport = 0;
  uint16_t family = 0;  // enum weft_family
  Role role = Role::kServer;
  Endpoint local;
  Endpoint remote;
  std::string remote_address;  // remote.text(); empty for Unix sockets
  // The client behind a proxy at the other end, from the PROXY preamble; servers only.
  std::optional<Endpoint> client;
  uint64_t inode = 0;  // Unix sockets: the two ends
  uint64_t peer_inode = 0;
  const Protocol* protocol = nullptr;  // as the kernel side found it, or handed over to
  bool late = false;
};
using ConnectionInfoPtr = std::shared_ptr<const ConnectionInfo>;

// preamble: the bytes after the record (PROXY protocol).
ConnectionInfo connection_info(const weft_ev_open& open, std::string_view preamble,
                               const Protocol* protocol);

// Makes the sink for each connection's exchanges: the stitcher.
class ExchangeSinkFactory {
 public:
  virtual ~ExchangeSinkFactory() = default;
  virtual std::unique_ptr<ExchangeSink> open(ConnectionInfoPtr connection) = 0;
};

// Feeds a session with the bytes of one connection: puts them in order, skips holes,
// resynchronises, and continues with another protocol's session. One thread.
class Connection {
 public:
  enum class State : uint8_t {
    kActive,
    kTunnel,    // became opaque by the protocol's own rules (CONNECT, upgrade)
    kHopeless,  // is not of this protocol
  };

  // How often a connection may be handed over: TLS and HTTP/2 behind a proxy are three. After that
  // it is opaque.
  static constexpr int kMaxHandOvers = 4;
  // Beginnings of messages that may turn out to be none, of one record; then its rest is dropped.
  static constexpr int kMaxResyncs = 16;

  // info: with its protocol. sessions: outlives this. opened: time and process of its OPEN event.
  Connection(ConnectionInfoPtr info, const SessionFactory& sessions,
             std::unique_ptr<ExchangeSink> sink, uint64_t opened, uint32_t opener);

  State on_data(const weft_ev_data& data, std::string_view bytes);
  // The kernel sees the peer's FIN before the process has read up to it; that direction closes when
  // both have happened, or when the socket is gone. Bytes that moved without a record before a
  // direction closes are a hole.
  void on_close(const weft_ev_close& close, CloseReason reason);
  // Ends the connection without a CLOSE event; the final positions are unknown.
  void end(CloseReason reason, uint64_t time);
  // The connection should not be reported; no calls may follow.
  void disown() { sink_->disown(); }
  const ConnectionInfo& info() const { return *info_; }
  // Bytes per message to request from the kernel side if that is more than before; else 0.
  uint32_t new_capture_override();
  uint64_t last_time() const { return last_time_; }  // of its last byte, or of its opening
  uint32_t pid() const { return pid_; }              // the process that used it last
  uint32_t opener() const { return opener_; }

 private:
  struct Side {
    ByteStream stream;
    uint64_t time = 0;    // of the newest record
    bool missed = false;  // bytes before its first record are missing
    bool lost = false;    // skips to what starts a message
    bool closed = false;
  };
  struct PendingClose {
    uint64_t pos;
    CloseReason reason;
    uint64_t time;
  };
  Direction direction(uint8_t dir) const;
  Side& side(Direction towards) { return sides_[static_cast<size_t>(towards)]; }
  void feed(Side& side, Direction direction, const ByteStream::Piece& piece, const Stamp& stamp);
  void resume();
  void look_before(Direction towards, const weft_ev_data& data);
  void gap(Side& side, Direction direction, uint64_t n, const Stamp& stamp);
  void take(Side& side, Direction direction, std::string_view bytes, const Stamp& stamp);
  void show(Side& side, Direction direction, std::string_view bytes, const Stamp& stamp);
  void feed_bytes(Side& side, Direction direction);
  bool show_held(Side& side, Direction direction);
  bool settle(Side& side, Progress progress);
  bool resync(Side& side, Direction direction);
  void obey(Side& side, ParseStatus status);
  bool hand_over(const Side& from);
  bool is_framed() const { return info_->protocol->framing == Framing::kFrames; }
  void catch_up(Direction towards, uint64_t pos, uint64_t time);
  void close_side(Direction direction, CloseReason reason, uint64_t time);

  ConnectionInfoPtr info_;
  const SessionFactory& sessions_;
  std::unique_ptr<Session> session_;
  std::unique_ptr<ExchangeSink> sink_;
  std::array<Side, 2> sides_;  // by Direction
  std::optional<PendingClose> rx_close_;
  std::optional<Direction> last_;  // of the newest record
  State state_ = State::kActive;
  uint64_t last_time_;
  uint32_t pid_;
  const uint32_t opener_;
  uint32_t requested_capture_ = 0;
  int hand_overs_ = 0;
};

}  // namespace weft

// SPDX-License-Identifier: Apache-2.0
// One connection as user space knows it: who talks to whom, and the session that reads it.
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

namespace weft {

struct ConnectionInfo {
  uint64_t id = 0;
  uint16_t family = 0;  // enum weft_family
  Role role = Role::kServer;
  Endpoint local;
  Endpoint remote;
  std::string remote_address;  // its address as text; empty for Unix sockets
  // Whom a proxy at the other end speaks for, by its preamble; servers only.
  std::optional<Endpoint> client;
  uint64_t inode = 0;  // Unix sockets: the two ends
  uint64_t peer_inode = 0;
  const Protocol* protocol = nullptr;
  bool late = false;
};
using ConnectionInfoPtr = std::shared_ptr<const ConnectionInfo>;

// preamble: what follows the record.
ConnectionInfo connection_info(const weft_ev_open& open, std::string_view preamble,
                               const Protocol* protocol);

// Who is told of the exchanges of each connection: the stitcher.
class ExchangeSinkFactory {
 public:
  virtual ~ExchangeSinkFactory() = default;
  virtual std::unique_ptr<ExchangeSink> open(ConnectionInfoPtr connection) = 0;
};

// Drives a session with what moves on one connection: orders, cuts, skips, resyncs.
// One thread.
class Connection {
 public:
  enum class State : uint8_t {
    kActive,
    kTunnel,    // became opaque by its own rules (CONNECT, upgrade)
    kHopeless,  // was never of this protocol
  };

  // opened: time and process of its OPEN event.
  Connection(ConnectionInfoPtr info, std::unique_ptr<Session> session,
             std::unique_ptr<ExchangeSink> sink, uint64_t opened, uint32_t opener);

  State on_data(const weft_ev_data& data, std::string_view bytes);
  // The kernel knows of the end of the peer's bytes before the process has read up to it; the
  // direction closes when both are so, or the socket is gone. What moved and was not told until
  // a direction ends is a hole.
  void on_close(const weft_ev_close& close, CloseReason reason);
  // It is let go, and what it moved up to then is not known.
  void end(CloseReason reason, uint64_t time);
  // It is none that should be told of; nothing may follow.
  void disown() { sink_->disown(); }
  const ConnectionInfo& info() const { return *info_; }
  // Bytes per message to ask the kernel side for, where that is more than before; else 0.
  uint32_t new_capture_override();
  uint64_t last_time() const { return last_time_; }  // of its last byte, or its beginning
  uint32_t pid() const { return pid_; }              // that used it last
  uint32_t opener() const { return opener_; }

 private:
  struct Side {
    ByteStream stream;
    uint64_t time = 0;    // of the newest record
    bool missed = false;  // bytes before its first record
    bool lost = false;    // waits for a direction change that begins a message
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
  void look_before(Direction towards, const weft_ev_data& data);
  void gap(Side& side, Direction direction, uint64_t n, const Stamp& stamp);
  void feed_bytes(Side& side, Direction direction);
  void obey(Side& side, ParseStatus status);
  void catch_up(Direction towards, uint64_t pos, uint64_t time);
  void close_side(Direction direction, CloseReason reason, uint64_t time);

  ConnectionInfoPtr info_;
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
};

}  // namespace weft

// SPDX-License-Identifier: Apache-2.0
#include "agent/stream/connection.h"

#include <algorithm>

#include "agent/stream/proxy_preamble.h"

namespace weft {
namespace {

constexpr uint64_t kMicrosecond = 1000;

// The stamp of bytes that are not the first ones after the other direction's.
Stamp unchanged(Stamp stamp) {
  stamp.flags &= static_cast<uint8_t>(~WEFT_DATA_DIR_CHANGE);
  return stamp;
}

Endpoint endpoint(const weft_ev_open& open, const uint8_t (&address)[16], uint16_t port) {
  if (open.family == WEFT_FAMILY_IPV6) return Endpoint::v6(address, port);
  return Endpoint::v4(std::span(address).first<4>(), port);
}

}  // namespace

ConnectionInfo connection_info(const weft_ev_open& open, std::string_view preamble,
                               const Protocol* protocol) {
  ConnectionInfo info;
  info.id = open.conn;
  info.transport = open.transport;
  info.family = open.family;
  info.role = open.role == WEFT_ROLE_CLIENT ? Role::kClient : Role::kServer;
  info.local = endpoint(open, open.local, open.local_port);
  info.remote = endpoint(open, open.remote, open.remote_port);
  info.remote_address = info.remote.text();
  info.inode = open.inode;
  info.peer_inode = open.peer_inode;
  if (info.role == Role::kServer) info.client = proxied_client(preamble);
  info.protocol = protocol;
  info.late = open.late != 0;
  return info;
}

Connection::Connection(ConnectionInfoPtr info, const SessionFactory& sessions,
                       std::unique_ptr<ExchangeSink> sink, uint64_t opened, uint32_t opener)
    : info_(std::move(info)),
      sessions_(sessions),
      session_(sessions.make(*info_)),
      sink_(std::move(sink)),
      last_time_(opened),
      pid_(opener),
      opener_(opener) {
  // Joined in the middle: skip until the start of a message is seen.
  for (Side& side : sides_) side.lost = info_->late;
}

uint32_t Connection::new_capture_override() {
  const uint32_t wanted = session_->wanted_head();
  if (wanted <= requested_capture_) return 0;
  return requested_capture_ = wanted;
}

Direction Connection::direction(uint8_t dir) const {
  const bool received = dir == WEFT_DIR_RX;
  return received == (info_->role == Role::kServer) ? Direction::kRequest : Direction::kResponse;
}

Connection::State Connection::on_data(const weft_ev_data& data, std::string_view bytes) {
  const Direction towards = direction(data.dir);
  Side& moved = side(towards);
  const Stamp stamp{.time = data.h.time - std::min(data.h.time, data.age * kMicrosecond),
                    .tid = data.h.tid,
                    .exchange_id = data.exchange_id,
                    .current_exchange = data.current_exchange,
                    .flags = data.flags,
                    .threshold = data.threshold,
                    .pid = data.h.pid,
                    .task = data.task};
  last_time_ = data.h.time;
  pid_ = data.h.pid;
  if ((data.flags & WEFT_DATA_RESUMED) != 0) resume();
  look_before(towards, data);
  const ByteStream::Piece piece = moved.stream.place(data.pos, data.len, bytes);
  if (state_ == State::kActive) feed(moved, towards, piece, stamp);
  if (rx_close_ && data.dir == WEFT_DIR_RX && moved.stream.reached(rx_close_->pos)) {
    close_side(towards, rx_close_->reason, std::max(rx_close_->time, last_time_));
  }
  return state_;
}

// Exchanges were left out on purpose: what comes is read as a new connection's. What is open was
// not answered before the client went on.
void Connection::resume() {
  if (state_ != State::kActive) return;
  sink_->cut();
  session_ = sessions_.make(*info_);
  for (Side& side : sides_) side = Side{};
  last_.reset();
}

// Positions reveal a missing record, except before a direction's first record; there direction
// changes do. Every direction begins with a direction change, and if one direction has two in a
// row, data of the other direction was missed between them.
void Connection::look_before(Direction towards, const weft_ev_data& data) {
  const bool dir_change = (data.flags & WEFT_DATA_DIR_CHANGE) != 0;
  Side& moved = side(towards);
  Side& other = sides_[1 - static_cast<size_t>(towards)];
  if (dir_change && last_ == towards && !other.stream.started()) other.missed = true;
  last_ = towards;
  if (moved.stream.started() || data.pos == 0 || (dir_change && !moved.missed)) return;
  moved.stream.start(data.pos - 1);      // at least one byte is missing; the number is unknown
  if (moved.missed) moved.lost = false;  // report the gap to the session, even if joined late
}

void Connection::feed(Side& side, Direction towards, const ByteStream::Piece& piece,
                      const Stamp& stamp) {
  const uint64_t last = std::exchange(side.time, stamp.time);
  if (piece.gap_before != 0) {
    // It is unknown when the missing bytes moved, and whether they were a direction change.
    Stamp before = unchanged(stamp);
    before.time = last;
    gap(side, towards, piece.gap_before, before);
  }
  if (!piece.bytes.empty()) take(side, towards, piece.bytes, stamp);
  if (piece.gap_after == 0) return;
  gap(side, towards, piece.gap_after, piece.bytes.empty() ? stamp : unchanged(stamp));
}

void Connection::take(Side& side, Direction towards, std::string_view bytes, const Stamp& stamp) {
  if (side.lost && !is_framed()) {
    const bool changed = (stamp.flags & WEFT_DATA_DIR_CHANGE) != 0;
    side.lost = !changed || !session_->starts_message(towards, bytes);
    if (side.lost) return side.stream.skip(bytes.size());
  }
  const bool direct = !side.lost && state_ == State::kActive && side.stream.held_size() == 0;
  if (direct) return show(side, towards, bytes, stamp);
  side.stream.append(bytes, stamp);
  feed_bytes(side, towards);
}

// As append and feed_bytes, where nothing is held: only what the session leaves is copied.
void Connection::show(Side& side, Direction towards, std::string_view bytes, const Stamp& stamp) {
  const Chunk::Mark mark{side.stream.held_pos(), stamp};
  const Progress progress = session_->on_bytes(towards, Chunk(bytes, mark.pos, {&mark, 1}), *sink_);
  const size_t consumed = std::min(progress.consumed, bytes.size());
  side.stream.skip(consumed);
  if (consumed < bytes.size()) side.stream.append(bytes.substr(consumed), stamp);
  if (settle(side, progress)) feed_bytes(side, towards);
}

void Connection::gap(Side& side, Direction towards, uint64_t n, const Stamp& stamp) {
  if (n == 0) return;
  uint64_t skipped = n;
  if (!side.lost && state_ == State::kActive) {
    const Progress progress = session_->on_gap(towards, n, stamp, *sink_);
    const bool handed_over = progress.status == ParseStatus::kHandOver;
    if (handed_over) skipped = progress.consumed;
    side.stream.drop_held();  // a message with a hole in it
    obey(side, progress.status == ParseStatus::kOk && progress.consumed < n ? ParseStatus::kLost
                                                                            : progress.status);
  }
  side.stream.drop_held();  // the beginning that a lost direction looked for
  side.stream.skip(skipped);
  gap(side, towards, n - skipped, stamp);
}

void Connection::feed_bytes(Side& side, Direction towards) {
  for (int resyncs = 0; state_ == State::kActive && side.stream.held_size() > 0;) {
    if (side.lost) {
      if (++resyncs > kMaxResyncs) side.stream.drop_held();
      if (!resync(side, towards)) return;
    }
    if (!show_held(side, towards)) return;
  }
}

bool Connection::show_held(Side& side, Direction towards) {
  const Progress progress = session_->on_bytes(towards, side.stream.held(), *sink_);
  side.stream.consume(progress.consumed);
  return settle(side, progress);
}

// What was consumed is removed already. False: the session waits for more bytes.
bool Connection::settle(Side& side, Progress progress) {
  ParseStatus status = progress.status;
  if (status == ParseStatus::kNeedMore) {
    if (side.stream.held_size() <= ByteStream::kMaxHeld) return false;
    status = ParseStatus::kLost;
  }
  obey(side, status);
  if (progress.consumed > 0 || status == ParseStatus::kHandOver) return true;
  if (side.lost) side.stream.consume(1);  // no message begins here, whatever starts_message says
  return side.lost;
}

// Looks for the beginning of a message in what is held, and drops what is before it.
bool Connection::resync(Side& side, Direction towards) {
  const Resync found = find_message(*session_, towards, side.stream.held().bytes());
  side.stream.consume(found.at);
  side.lost = !found.found;
  return found.found;
}

void Connection::obey(Side& side, ParseStatus status) {
  switch (status) {
    case ParseStatus::kOk:
    case ParseStatus::kNeedMore:
      return;
    case ParseStatus::kHandOver:
      if (hand_over(side)) return;
      state_ = State::kTunnel;
      break;
    case ParseStatus::kLost:
      side.lost = true;
      if (is_framed()) return;  // the next message may begin in what is held
      break;
    case ParseStatus::kHopeless:
      state_ = State::kHopeless;
      break;
    case ParseStatus::kDone:
      state_ = State::kTunnel;
      break;
  }
  side.stream.drop_held();
}

// from: the side whose session says so. Its bytes that are not consumed are fed by the caller;
// those of the other side came earlier.
bool Connection::hand_over(const Side& from) {
  const Protocol* next = protocol_with(session_->next_protocol());
  if (!next || ++hand_overs_ > kMaxHandOvers) return false;
  ConnectionInfo info = *info_;
  info.protocol = next;
  info_ = std::make_shared<const ConnectionInfo>(std::move(info));
  const std::unique_ptr<Session> old = std::exchange(session_, sessions_.make(*info_));
  for (const Direction towards : {Direction::kRequest, Direction::kResponse}) {
    Session& told = side(towards).closed ? *session_ : *old;
    told.on_close(towards, CloseReason::kEnd, last_time_, *sink_);
  }
  sink_->handed_over(*next);
  const Direction other = &from == &sides_[0] ? Direction::kResponse : Direction::kRequest;
  feed_bytes(side(other), other);
  return true;
}

void Connection::close_side(Direction towards, CloseReason reason, uint64_t time) {
  if (std::exchange(side(towards).closed, true)) return;
  session_->on_close(towards, reason, time, *sink_);
}

// Reports records lost at the end of a direction, which no later record reveals.
void Connection::catch_up(Direction towards, uint64_t pos, uint64_t time) {
  Side& moved = side(towards);
  if (pos == 0 || moved.closed) return;
  moved.stream.start(pos - 1);  // if no record came at all: the number of bytes is unknown
  const ByteStream::Piece hole = moved.stream.place(pos, 0, {});
  gap(moved, towards, hole.gap_before, {.time = moved.time != 0 ? moved.time : time, .pid = pid_});
}

void Connection::on_close(const weft_ev_close& close, CloseReason reason) {
  const Direction sent = direction(WEFT_DIR_TX);
  const Direction received = direction(WEFT_DIR_RX);
  const uint64_t time = close.h.time;
  const bool gone = (close.how & WEFT_CLOSE_GONE) != 0;
  const bool ends = (close.how & WEFT_CLOSE_RX) != 0;
  const bool all_read = gone || (ends && close.rx_end == 0);
  if (all_read) catch_up(received, close.rx_pos, time);
  if (gone || (close.how & WEFT_CLOSE_TX) != 0) {
    catch_up(sent, close.tx_pos, time);
    close_side(sent, reason, time);
  }
  if (gone && rx_close_) {
    close_side(received, rx_close_->reason, rx_close_->time);
  } else if (all_read || (ends && side(received).stream.reached(close.rx_end))) {
    close_side(received, reason, time);
  } else if (ends && !rx_close_) {
    rx_close_ = PendingClose{close.rx_end, reason, time};
  }
}

void Connection::end(CloseReason reason, uint64_t time) {
  weft_ev_close close{};
  close.h.time = time;
  close.how = WEFT_CLOSE_GONE;
  on_close(close, reason);
}

}  // namespace weft

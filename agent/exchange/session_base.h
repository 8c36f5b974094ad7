// SPDX-License-Identifier: Apache-2.0
// What sessions of every protocol share: whether the session has given up, who spoke last, which
// directions are closed, and how much of a message it wants. A protocol derives from it and
// implements the protected functions. Contract: Session.
#pragma once

#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>

#include "agent/exchange/failure.h"
#include "agent/port/protocol.h"
#include "bpf/abi/weft_event.h"

namespace weft {

class SessionBase : public Session {
 public:
  Progress on_bytes(Direction direction, const Chunk& chunk, ExchangeSink& sink) final {
    const size_t size = chunk.bytes().size();
    if (over_) return {size, *over_};
    return size == 0 ? Progress{} : read(direction, chunk, sink);
  }
  Progress on_gap(Direction direction, uint64_t n, const Stamp& stamp, ExchangeSink& sink) final {
    return over_ ? Progress{n, *over_} : skip(direction, n, stamp, sink);
  }
  void on_close(Direction direction, CloseReason reason, uint64_t time, ExchangeSink& sink) final {
    if (direction == Direction::kRequest) {
      request_closed_ = true;
    } else {
      response_closed_ = true;
      close_responses(reason, time, sink);
    }
    if (request_closed_ && response_closed_) give_up(ParseStatus::kDone, sink);
  }
  bool starts_message(Direction direction, std::string_view bytes) const final {
    return !over_ && !bytes.empty() && may_start(direction, bytes);
  }
  std::string_view next_protocol() const final { return next_protocol_; }
  uint32_t wanted_head() const final { return wanted_head_; }

 protected:
  explicit SessionBase(Role role) : role_(role) {}

  // As on_bytes and on_gap, while the session is not over. The chunk is not empty.
  virtual Progress read(Direction direction, const Chunk& chunk, ExchangeSink& sink) = 0;
  virtual Progress skip(Direction direction, uint64_t n, const Stamp& stamp,
                        ExchangeSink& sink) = 0;
  // No response bytes come any more: ends or abandons every open exchange.
  virtual void close_responses(CloseReason reason, uint64_t time, ExchangeSink& sink) = 0;
  // As starts_message; `bytes` are not empty.
  virtual bool may_start(Direction direction, std::string_view bytes) const = 0;
  // Abandons every open exchange: the session is over.
  virtual void drop_all(ExchangeSink& sink) = 0;

  // From now on every call is answered by this status.
  ParseStatus give_up(ParseStatus status, ExchangeSink& sink) {
    drop_all(sink);
    over_ = status;
    return status;
  }
  // What follows is of another protocol. Exchanges that can be ended were ended before.
  ParseStatus hand_over(std::string_view protocol, ExchangeSink& sink) {
    next_protocol_ = protocol;
    return give_up(ParseStatus::kHandOver, sink);
  }
  bool is_over() const { return over_.has_value(); }

  struct Arrival {
    bool changed;   // first bytes in this direction after the other one
    bool repeated;  // so says the kernel, yet this direction spoke last: the bytes of the other
                    // direction in between were not seen
  };
  // Notes who speaks now.
  Arrival arrive(Direction direction, const Stamp& stamp) {
    const bool flagged = (stamp.flags & WEFT_DATA_DIR_CHANGE) != 0;
    const bool same = std::exchange(last_, direction) == direction;
    return {.changed = flagged || !same, .repeated = flagged && same};
  }
  Direction last_direction() const { return last_; }

  // error.type of an exchange that the connection's end leaves without a whole answer.
  std::string_view failure_of(CloseReason reason, bool answering) const {
    return failure(reason, role_, request_closed_, answering);
  }
  // Bytes per message to ask for, at least.
  void want_head(uint32_t bytes) { wanted_head_ = std::max(wanted_head_, bytes); }
  // After a hole: four times as many as before.
  void want_longer_head(uint32_t first, uint32_t most) {
    wanted_head_ = std::clamp(wanted_head_ * 4, first, most);
  }
  Role role() const { return role_; }
  bool request_closed() const { return request_closed_; }
  bool response_closed() const { return response_closed_; }
  // The client said that it sends no more.
  void close_request() { request_closed_ = true; }

 private:
  const Role role_;
  Direction last_ = Direction::kResponse;  // of the newest bytes
  std::optional<ParseStatus> over_;
  std::string_view next_protocol_;
  uint32_t wanted_head_ = 0;
  bool request_closed_ = false;
  bool response_closed_ = false;
};

}  // namespace weft

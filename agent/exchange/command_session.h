// SPDX-License-Identifier: Apache-2.0
// What sessions of command protocols share (Redis, memcached): the server answers the commands of a
// connection in order, and after a hole the end of an answer may be unknown. Such an answer is
// unframed: it lasts until the client sends again.
#pragma once

#include <algorithm>
#include <utility>
#include <vector>

#include "agent/exchange/session_base.h"

namespace weft {

class CommandSession : public SessionBase {
 protected:
  // Bytes to capture per message: for a pipeline, and after each hole four times as many.
  static constexpr uint32_t kFirstHead = 65536;
  static constexpr uint32_t kMostHead = 1u << 20;

  explicit CommandSession(Role role) : SessionBase(role) {}

  // One step from offset `at` on; consumes something, or returns another status than kOk.
  virtual Progress request(const Chunk& chunk, size_t at, ExchangeSink& sink) = 0;
  virtual Progress response(const Chunk& chunk, size_t at, ExchangeSink& sink) = 0;
  virtual Progress request_gap(uint64_t n, const Stamp& stamp, ExchangeSink& sink) = 0;
  virtual Progress response_gap(uint64_t n, const Stamp& stamp, ExchangeSink& sink) = 0;
  virtual ParseStatus lose_requests(uint64_t exchange_id, ExchangeSink& sink) = 0;
  // Something was missed in this exchange.
  virtual void doubt(uint64_t exchange_id) = 0;
  // Abandons the command being read.
  virtual void forget_unfinished(ExchangeSink& sink) = 0;
  // Ends the unframed answer, if there is one: it was complete.
  virtual void end_unframed(ExchangeSink& sink) = 0;

  void end_held(ExchangeSink& sink) {
    for (auto& [handle, outcome] : held_) sink.end(handle, std::move(outcome));
    held_.clear();
    holding_ = false;
  }
  void abandon_held(ExchangeSink& sink) {
    for (const auto& [handle, outcome] : held_) sink.abandon(handle);
    held_.clear();
  }

  uint32_t batch_ = 0;           // direction changes of the client so far
  bool answered_early_ = false;  // the command being read was answered: the rest of it was lost
  uint64_t last_response_ = 0;   // time of the newest byte of an answer
  bool unframed_ = false;
  bool holding_ = false;  // answers until the next direction change may be the rest of an unframed
                          // one: they are held back
  std::vector<std::pair<ExchangeHandle, Outcome>> held_;

 private:
  Progress read(Direction direction, const Chunk& chunk, ExchangeSink& sink) final {
    const size_t size = chunk.bytes().size();
    const bool is_request = direction == Direction::kRequest;
    const Stamp& newest = chunk.stamp(size - 1);
    const Arrival arrival = arrive(direction, newest);
    if (!is_request && arrival.repeated) doubt(newest.exchange_id);  // a request was lost
    if (is_request && arrival.changed) direction_changed(sink);
    if (!is_request) last_response_ = newest.time;
    if (is_request && std::exchange(answered_early_, false)) {
      forget_unfinished(sink);
      const bool begins = (chunk.stamp(0).flags & WEFT_DATA_DIR_CHANGE) != 0;
      if (!begins) return {0, lose_requests(newest.exchange_id, sink)};
    }
    size_t at = 0;
    while (at < size) {
      const Progress step = is_request ? request(chunk, at, sink) : response(chunk, at, sink);
      at += step.consumed;
      if (step.status != ParseStatus::kOk) return {at, step.status};
    }
    return {at, ParseStatus::kOk};
  }
  Progress skip(Direction direction, uint64_t n, const Stamp& stamp, ExchangeSink& sink) final {
    const bool is_request = direction == Direction::kRequest;
    if (arrive(direction, stamp).changed && is_request) direction_changed(sink);
    if (!is_request) last_response_ = std::max(last_response_, stamp.time);
    if (is_request && std::exchange(answered_early_, false))
      return {0, lose_requests(stamp.exchange_id, sink)};
    const Progress step = is_request ? request_gap(n, stamp, sink) : response_gap(n, stamp, sink);
    if (step.consumed < n || unframed_) want_longer_head(kFirstHead, kMostHead);
    return step;
  }
  // The client sends again. If it did so before an unframed answer was complete, the rest of that
  // answer comes now: a surplus answer shows it.
  void direction_changed(ExchangeSink& sink) {
    ++batch_;
    end_held(sink);
    const bool was_unframed = unframed_;
    end_unframed(sink);
    holding_ = was_unframed;
  }
};

}  // namespace weft

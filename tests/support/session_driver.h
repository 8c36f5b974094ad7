// SPDX-License-Identifier: Apache-2.0
// Drives a Session as the pipeline does, without a pipeline: bytes, holes and closes in, exchanges
// out. A violated contract aborts, so that it serves unit tests and fuzzers alike.
//
//   SessionDriver d(protocol, SessionOptions{.role = Role::kServer});
//   d.request("GET / HTTP/1.1\r\n\r\n").response("HTTP/1.1 204 No Content\r\n\r\n");
//   d.only().outcome.name == "GET"
//
// The clock starts at 1000 and advances by 1000 with every call, so the n-th call's bytes have
// time 1000·n. Like the kernel it gives a new exchange_id to the request direction's first bytes
// after a response, and marks a direction's first bytes after the other's as a direction change.
// A lost record shows as a hole before the direction's next one.
#pragma once

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "agent/port/protocol.h"
#include "bpf/abi/weft_event.h"
#include "tests/support/capture_sink.h"

namespace weft::test {

class SessionDriver {
 public:
  // Most bytes that may be held for a session (kNeedMore).
  static constexpr size_t kMaxHeld = 128 * 1024;
  static constexpr int kMaxResyncs = 16;  // Connection::kMaxResyncs

  explicit SessionDriver(const Protocol& protocol, const SessionOptions& options = {})
      : session_(protocol.make(options)), framed_(protocol.framing == Framing::kFrames) {}

  // Bytes of one direction in one record, or in records of `piece` bytes at most.
  SessionDriver& bytes(Direction direction, std::string_view bytes, size_t piece = SIZE_MAX) {
    do {
      const std::string_view part = bytes.substr(0, piece);
      bytes.remove_prefix(part.size());
      record(direction, part);
    } while (!bytes.empty());
    return *this;
  }
  SessionDriver& request(std::string_view b, size_t piece = SIZE_MAX) {
    return bytes(Direction::kRequest, b, piece);
  }
  SessionDriver& response(std::string_view b, size_t piece = SIZE_MAX) {
    return bytes(Direction::kResponse, b, piece);
  }
  // n bytes that moved without being captured.
  SessionDriver& gap(Direction direction, uint64_t n) {
    const Stamp stamp = next(direction);
    found_missing(direction, stamp);
    hole(direction, n, stamp);
    return *this;
  }
  // Bytes whose record was lost on the way.
  SessionDriver& lose(Direction direction, std::string_view bytes) {
    next(direction);
    ways_[index(direction)].missing += bytes.size();
    return *this;
  }
  SessionDriver& request_gap(uint64_t n) { return gap(Direction::kRequest, n); }
  SessionDriver& response_gap(uint64_t n) { return gap(Direction::kResponse, n); }

  SessionDriver& close(Direction direction, CloseReason reason = CloseReason::kEnd) {
    clock_ += 1000;
    close_way(direction, reason);
    return *this;
  }
  // The socket is gone: closes what close() has not closed, this end's sending direction first.
  SessionDriver& gone(Direction first, CloseReason reason = CloseReason::kEnd) {
    clock_ += 1000;
    close_way(first, reason);
    close_way(first == Direction::kRequest ? Direction::kResponse : Direction::kRequest, reason);
    return *this;
  }
  // Ends the connection and requires that no exchange is left open.
  void finish() {
    gone(Direction::kResponse);
    for (const Told& told : sink_.told()) {
      require(told.state != Told::State::kOpen, "an exchange left open after on_close");
    }
  }
  SessionDriver& joined_late() {
    for (Way& way : ways_) way.lost = true;
    return *this;
  }
  void set_time(uint64_t time) { clock_ = time; }

  const std::vector<Told>& told() const { return sink_.told(); }
  std::vector<Told> ended() const { return in(Told::State::kEnded); }
  size_t abandoned() const { return in(Told::State::kAbandoned).size(); }
  size_t open() const { return in(Told::State::kOpen).size(); }
  // The one ended exchange; an empty one when there is not exactly one.
  Told only() const {
    const std::vector<Told> all = ended();
    return all.size() == 1 ? all[0] : Told();
  }
  // The ParseStatus with which the session stopped reading, if any.
  std::optional<ParseStatus> over() const { return over_; }
  bool lost(Direction direction) const { return ways_[index(direction)].lost; }
  Session& session() { return *session_; }

 private:
  struct Way {
    std::string held;
    std::vector<Chunk::Mark> marks;
    uint64_t pos = 0;      // of the next byte
    uint64_t time = 0;     // of the last record
    uint64_t missing = 0;  // bytes of lost records before it
    bool started = false;  // the first record sets the origin
    bool unseen = false;   // bytes before the first record were lost
    bool lost = false;
    bool closed = false;
  };

  static size_t index(Direction direction) { return static_cast<size_t>(direction); }

  std::vector<Told> in(Told::State state) const {
    std::vector<Told> out;
    for (const Told& told : sink_.told()) {
      if (told.state == state) out.push_back(told);
    }
    return out;
  }

  Stamp next(Direction direction) {
    const bool turn = !last_ || *last_ != direction;
    if (turn && direction == Direction::kRequest) ++exchange_id_;
    last_ = direction;
    clock_ += 1000;
    Stamp stamp;
    stamp.time = clock_;
    stamp.tid = 1;
    stamp.exchange_id = exchange_id_;
    stamp.flags = turn ? WEFT_DATA_DIR_CHANGE : 0;
    return stamp;
  }

  void hole(Direction direction, uint64_t n, const Stamp& stamp) {
    Way& way = ways_[index(direction)];
    if (!over_ && !way.lost) {
      const Progress progress = session_->on_gap(direction, n, stamp, sink_);
      require(progress.consumed <= n, "on_gap consumed more than there was");
      drop(way);
      obey(way, progress.status == ParseStatus::kOk && progress.consumed < n ? ParseStatus::kLost
                                                                             : progress.status);
    }
    drop(way);
    way.pos += n;
  }

  // Finds lost records as agent/stream/connection does: by positions, or, before the first record
  // of a direction, by direction changes. stamp: of the record that shows the loss.
  void found_missing(Direction direction, Stamp stamp) {
    Way& way = ways_[index(direction)];
    const bool turn = (stamp.flags & WEFT_DATA_DIR_CHANGE) != 0;
    const bool first = !std::exchange(way.started, true);
    const uint64_t n = std::exchange(way.missing, 0);
    const uint64_t time = std::exchange(way.time, stamp.time);
    if (turn && shown_ == direction) {
      Way& other = ways_[1 - index(direction)];
      other.unseen |= !other.started;
    }
    shown_ = direction;
    if (n == 0) return;
    if (first && turn && !way.unseen) {
      way.pos += n;
      return;
    }
    stamp.time = time;
    stamp.flags = 0;
    if (first) way.pos += n - 1;  // their number is not known to the session
    hole(direction, first ? 1 : n, stamp);
  }

  void record(Direction direction, std::string_view bytes) {
    Way& way = ways_[index(direction)];
    const Stamp stamp = next(direction);
    found_missing(direction, stamp);
    if (way.lost && !framed_ && (stamp.flags & WEFT_DATA_DIR_CHANGE)) {
      way.lost = !session_->starts_message(direction, bytes);
    }
    way.pos += bytes.size();
    if (over_ || (way.lost && !framed_)) return;
    way.marks.push_back({way.pos - bytes.size(), stamp});
    way.held += bytes;
    feed(direction, way);
  }

  void feed(Direction direction, Way& way) {
    for (int resyncs = 0; !over_ && !way.held.empty();) {
      if (way.lost && (resyncs++ == kMaxResyncs || !resync(direction, way))) return;
      // A copy of exactly the size, so that a sanitizer sees a read past the end.
      const std::vector<char> exact(way.held.begin(), way.held.end());
      const Chunk chunk({exact.data(), exact.size()}, way.pos - exact.size(), way.marks);
      const Progress progress = session_->on_bytes(direction, chunk, sink_);
      require(progress.consumed <= exact.size(), "on_bytes consumed more than there was");
      consume(way, progress.consumed);
      if (progress.status == ParseStatus::kNeedMore) {
        require(!way.held.empty(), "more wanted, and nothing kept");
        if (way.held.size() > kMaxHeld) obey(way, ParseStatus::kLost);
        if (!way.lost) return;
      } else {
        obey(way, progress.status);
      }
      require(progress.consumed > 0 || way.lost || over_, "neither progress nor a result");
      if (way.lost && progress.consumed == 0 && !way.held.empty()) consume(way, 1);
    }
  }
  // As Connection::resync.
  bool resync(Direction direction, Way& way) {
    const std::vector<char> exact(way.held.begin(), way.held.end());
    const Resync found = find_message(*session_, direction, {exact.data(), exact.size()});
    consume(way, found.at);
    way.lost = !found.found;
    return found.found;
  }

  void consume(Way& way, size_t n) {
    way.held.erase(0, n);
    const uint64_t begin = way.pos - way.held.size();
    while (way.marks.size() > 1 && way.marks[1].pos <= begin) way.marks.erase(way.marks.begin());
    if (way.held.empty()) way.marks.clear();
  }
  void drop(Way& way) { consume(way, way.held.size()); }

  void obey(Way& way, ParseStatus result) {
    switch (result) {
      case ParseStatus::kOk:
      case ParseStatus::kNeedMore:
        return;
      case ParseStatus::kLost:
        way.lost = true;
        if (framed_) return;
        break;
      case ParseStatus::kHopeless:
      case ParseStatus::kDone:
      case ParseStatus::kHandOver:
        over_ = result;
        break;
    }
    drop(way);
  }

  void close_way(Direction direction, CloseReason reason) {
    if (std::exchange(ways_[index(direction)].closed, true)) return;
    Stamp stamp;
    stamp.exchange_id = exchange_id_;
    found_missing(direction, stamp);
    session_->on_close(direction, reason, clock_, sink_);
  }

  CaptureSink sink_;
  std::unique_ptr<Session> session_;
  const bool framed_;
  Way ways_[2];
  std::optional<Direction> last_;
  std::optional<Direction> shown_;  // of the newest record that was not lost
  std::optional<ParseStatus> over_;
  uint64_t clock_ = 0;
  uint64_t exchange_id_ = 0;
};

}  // namespace weft::test

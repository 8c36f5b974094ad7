// SPDX-License-Identifier: Apache-2.0
// Two protocols that exist in tests only. "framed": frames, many requests open at once, answered in
// any order. It may be handed over to "lines": one line asks, one line answers, in order.
//
//   frame     payload size u16 · key u16 · type u8 · payload          (big endian)
//
//   type  from    meaning                                   client span
//   Q     client  a request; the payload is its name        CLIENT
//   A, E  server  its answer; an error
//   P     client  a message, without an answer              PRODUCER
//   D     server  a message; the payload is a traceparent   CONSUMER, with a link to it
//   U     both    asked and granted: "lines" follows
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "agent/base/semconv.h"
#include "agent/exchange/fifo.h"
#include "agent/exchange/keyed.h"
#include "agent/exchange/session_base.h"

namespace weft::test {

inline std::string frame(char type, uint16_t key, std::string_view payload = {}) {
  std::string out;
  for (const size_t number : {payload.size(), size_t{key}}) {
    out += static_cast<char>(number >> 8);
    out += static_cast<char>(number & 0xff);
  }
  return (out += type) += payload;
}

class FramedSession final : public SessionBase {
 public:
  static constexpr size_t kMaxOpen = 64;

  explicit FramedSession(Role role) : SessionBase(role) {}

 private:
  static constexpr size_t kHead = 5;
  static constexpr size_t kMaxPayload = 1024;
  struct Open {
    ExchangeHandle handle = 0;
    std::string name;
  };

  static auto abandon(ExchangeSink& sink) {
    return [&sink](const Open& request) { sink.abandon(request.handle); };
  }
  static size_t number(std::string_view bytes, size_t at) {
    return static_cast<size_t>(static_cast<uint8_t>(bytes[at])) << 8 |
           static_cast<uint8_t>(bytes[at + 1]);
  }
  // The next frame's head is looked at too, if it is there: a payload may hold what looks like one.
  bool may_start(Direction direction, std::string_view bytes) const override {
    const std::string_view types = direction == Direction::kRequest ? "QPU" : "AEDU";
    for (int frames = 0; frames < 2 && (frames == 0 || bytes.size() >= kHead); ++frames) {
      if (bytes.size() < kHead || number(bytes, 0) > kMaxPayload || !types.contains(bytes[4]))
        return false;
      bytes.remove_prefix(std::min(bytes.size(), kHead + number(bytes, 0)));
    }
    return true;
  }

  Progress read(Direction direction, const Chunk& chunk, ExchangeSink& sink) override {
    size_t at = 0;
    while (at < chunk.bytes().size()) {
      const std::string_view rest = chunk.bytes().substr(at);
      if (rest.size() < kHead) return {at, ParseStatus::kNeedMore};
      if (!may_start(direction, rest.substr(0, kHead))) return {at, lose(direction, sink)};
      const size_t size = kHead + number(rest, 0);
      if (rest.size() < size) return {at, ParseStatus::kNeedMore};
      take(chunk, at, rest.substr(0, size), sink);
      at += size;
      if (direction == Direction::kResponse && rest[4] == 'U')
        return {at, hand_over("lines", sink)};
    }
    return {at, ParseStatus::kOk};
  }
  Progress skip(Direction direction, uint64_t, const Stamp&, ExchangeSink& sink) override {
    return {0, lose(direction, sink)};
  }

  void take(const Chunk& chunk, size_t at, std::string_view frame, ExchangeSink& sink) {
    const auto key = static_cast<uint16_t>(number(frame, 2));
    const std::string payload(frame.substr(kHead));
    const uint64_t time = chunk.stamp(at + frame.size() - 1).time;
    switch (frame[4]) {
      case 'Q':
        open_.push(key, {begin(chunk, at, sink), payload}, abandon(sink));
        break;
      case 'A':
      case 'E':
        answer(key, payload, frame[4] == 'E', time, sink);
        break;
      case 'P':
        end({begin(chunk, at, sink), payload}, message(SpanKind::kProducer, time), sink);
        break;
      case 'D':
        deliver(chunk, at, payload, time, sink);
        break;
      default:
        break;
    }
  }
  static ExchangeHandle begin(const Chunk& chunk, size_t at, ExchangeSink& sink) {
    const ExchangeHandle handle = sink.begin({chunk.stamp(at), chunk.pos() + at});
    sink.head(handle, std::nullopt);
    return handle;
  }
  void answer(uint16_t key, const std::string& payload, bool error, uint64_t time,
              ExchangeSink& sink) {
    std::optional<Open> request = open_.take(key);
    if (!request) return;
    Outcome outcome;
    outcome.end_time = time;
    outcome.error = error;
    outcome.error_type = error ? "refused" : "";
    outcome.attributes.set(semconv::kDbQueryText, payload);
    end(*request, std::move(outcome), sink);
  }
  // The broker's end of a message is a server span: only what the client does has a kind.
  Outcome message(SpanKind kind, uint64_t time) const {
    Outcome outcome;
    outcome.end_time = time;
    if (role() == Role::kClient) outcome.kind = kind;
    return outcome;
  }
  void deliver(const Chunk& chunk, size_t at, const std::string& context, uint64_t time,
               ExchangeSink& sink) {
    Outcome outcome = message(SpanKind::kConsumer, time);
    TraceContextParser parser;
    parser.traceparent(context);
    if (const auto sender = parser.finish())
      outcome.links.push_back({.trace = sender->trace, .span = sender->parent});
    end({begin(chunk, at, sink), "deliver"}, std::move(outcome), sink);
  }
  static void end(const Open& request, Outcome outcome, ExchangeSink& sink) {
    outcome.name = request.name;
    sink.end(request.handle, std::move(outcome));
  }

  // What is asked unseen is answered to nobody. An answer that was not seen may be any request's.
  ParseStatus lose(Direction direction, ExchangeSink& sink) {
    if (direction == Direction::kResponse) drop_all(sink);
    return ParseStatus::kLost;
  }
  void drop_all(ExchangeSink& sink) override { open_.drop_all(abandon(sink)); }
  void close_responses(CloseReason reason, uint64_t time, ExchangeSink& sink) override {
    open_.drop_all([&](const Open& request) {
      Outcome outcome;
      outcome.end_time = time;
      outcome.error_type = failure_of(reason, false);
      outcome.error = !outcome.error_type.empty();
      end(request, std::move(outcome), sink);
    });
  }

  Keyed<uint16_t, Open> open_{kMaxOpen};
};

class LinesSession final : public SessionBase {
 public:
  explicit LinesSession(Role role) : SessionBase(role) {}

 private:
  Progress read(Direction direction, const Chunk& chunk, ExchangeSink& sink) override {
    const size_t end = chunk.bytes().find('\n');
    if (end == std::string_view::npos) return {0, ParseStatus::kNeedMore};
    const std::string line(chunk.bytes().substr(0, end));
    if (line == "FRAMED") return {end + 1, hand_over("framed", sink)};
    if (line == "NOTHING") return {end + 1, hand_over("no such protocol", sink)};
    if (direction == Direction::kRequest) {
      const ExchangeHandle handle = sink.begin({chunk.stamp(0), chunk.pos()});
      if (open_.push({handle, line}) == 0) sink.abandon(handle);
    } else if (!open_.empty()) {
      finish(chunk.stamp(end).time, sink);
    }
    return {end + 1, ParseStatus::kOk};
  }
  void finish(uint64_t time, ExchangeSink& sink) {
    if (const auto* request = open_.front()) {
      Outcome outcome;
      outcome.end_time = time;
      outcome.name = request->second;
      sink.end(request->first, std::move(outcome));
    }
    open_.pop();
  }
  Progress skip(Direction, uint64_t, const Stamp&, ExchangeSink& sink) override {
    drop_all(sink);
    return {0, ParseStatus::kLost};
  }
  void close_responses(CloseReason, uint64_t, ExchangeSink& sink) override { drop_all(sink); }
  bool may_start(Direction, std::string_view) const override { return true; }
  void drop_all(ExchangeSink& sink) override {
    for (; !open_.empty(); open_.pop()) {
      if (const auto* request = open_.front()) sink.abandon(request->first);
    }
  }

  Fifo<std::pair<ExchangeHandle, std::string>> open_{8};
};

template <class ASession>
std::unique_ptr<Session> make_session(const SessionOptions& options) {
  return std::make_unique<ASession>(options.role);
}

inline const Protocol kFramed{.id = 201,
                              .name = "framed",
                              .make = make_session<FramedSession>,
                              .sniff = nullptr,
                              .framing = Framing::kFrames,
                              .capture = CaptureMode::kAll};
inline const Protocol kLines{
    .id = 202, .name = "lines", .make = make_session<LinesSession>, .sniff = nullptr};

}  // namespace weft::test

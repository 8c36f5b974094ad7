// SPDX-License-Identifier: Apache-2.0
#include "probes/protocol/memcached/session.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "bpf/abi/weft_event.h"
#include "probes/protocol/memcached/redact.h"
#include "probes/protocol/memcached/semantics.h"
#include "probes/protocol/memcached/sniff.h"

namespace weft::protocol::memcached {
namespace {

// CRLF "END" CRLF behind a value that was counted through.
constexpr uint16_t kTail = 16;

std::unique_ptr<Session> make(const SessionOptions& options) {
  return std::make_unique<MemcachedSession>(options.role);
}

}  // namespace

extern const Protocol kProtocol;
const Protocol kProtocol{4, "memcached", make, weft_sniff_memcached, redact, "memcached", kTail};

Progress MemcachedSession::read(Direction direction, const Chunk& chunk, ExchangeSink& sink) {
  const std::string_view bytes = chunk.bytes();
  const bool is_request = direction == Direction::kRequest;
  const Stamp& newest = chunk.stamp(bytes.size() - 1);
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
  while (at < bytes.size()) {
    const Progress step = is_request ? request(chunk, at, sink) : response(chunk, at, sink);
    at += step.consumed;
    if (step.status != ParseStatus::kOk) return {at, step.status};
  }
  return {at, ParseStatus::kOk};
}

Progress MemcachedSession::skip(Direction direction, uint64_t n, const Stamp& stamp,
                                ExchangeSink& sink) {
  const bool is_request = direction == Direction::kRequest;
  if (arrive(direction, stamp).changed && is_request) direction_changed(sink);
  if (!is_request) last_response_ = std::max(last_response_, stamp.time);
  if (is_request && std::exchange(answered_early_, false))
    return {0, lose_requests(stamp.exchange_id, sink)};
  const Progress step = is_request ? request_gap(n, stamp, sink) : response_gap(n, stamp, sink);
  if (step.consumed < n || unframed_) want_longer_head(kFirstHead, kMostHead);
  return step;
}

void MemcachedSession::close_responses(CloseReason reason, uint64_t time, ExchangeSink& sink) {
  end_held(sink);
  if (reason == CloseReason::kEnd) end_unframed(sink);
  forget_unfinished(sink);
  for (; !pending_.empty(); pending_.pop(), asked_ = false) {
    close_command(pending_.front(), reason, time, sink);
  }
  replying_ = false;
}

// Whether the server executed a quiet command is not known.
void MemcachedSession::close_command(Pending& command, CloseReason reason, uint64_t time,
                                     ExchangeSink& sink) {
  if (!proven_) return abandon(command, sink);
  const bool answering = replying_ && asked_;
  if (command.optional && !answering) return end(command, command.time, "", true, sink);
  const bool expected = command.command && command.command->kind == Kind::kShutdown;
  if (expected && reason == CloseReason::kEnd) return end(command, time, "", false, sink);
  end(command, time, failure_of(reason, answering), false, sink);
}

// Requests: the sniffer's answer.
bool MemcachedSession::may_start(Direction direction, std::string_view bytes) const {
  if (direction == Direction::kResponse) return may_be_answer(bytes);
  const auto n = static_cast<unsigned>(std::min<size_t>(bytes.size(), WEFT_SNIFF_LEN));
  return weft_sniff_memcached(reinterpret_cast<const unsigned char*>(bytes.data()), n) !=
         WEFT_SNIFF_NO;
}

void MemcachedSession::end(Pending& command, uint64_t time, std::string_view error, bool unseen,
                           ExchangeSink& sink) {
  const ExchangeHandle handle = std::exchange(command.handle, 0);
  if (handle == 0) return;
  Outcome outcome = describe(command, time, asked_ ? reply_.code() : std::string_view());
  if (!outcome.error) set_error(outcome, error);
  outcome.unseen = unseen;
  if (holding_) {
    held_.emplace_back(handle, std::move(outcome));
  } else {
    sink.end(handle, std::move(outcome));
  }
}

// The client sends again. If it did so before an answer without a known end was complete, the rest
// of that answer comes now: a surplus answer shows it. Until the next direction change ended spans
// are held back.
void MemcachedSession::direction_changed(ExchangeSink& sink) {
  ++batch_;
  end_held(sink);
  const bool was_unframed = unframed_;
  end_unframed(sink);
  holding_ = was_unframed;
}

void MemcachedSession::end_held(ExchangeSink& sink) {
  for (auto& [handle, outcome] : held_) sink.end(handle, std::move(outcome));
  held_.clear();
  holding_ = false;
}

// The client sends again, or the connection has ended: that answer was complete.
void MemcachedSession::end_unframed(ExchangeSink& sink) {
  if (!std::exchange(unframed_, false)) return;
  if (!pending_.empty()) {
    end(pending_.front(), last_response_, "", false, sink);
    pending_.pop();
  }
  replying_ = false;
  asked_ = false;
}

void MemcachedSession::abandon(Pending& command, ExchangeSink& sink) {
  if (command.handle != 0) sink.abandon(std::exchange(command.handle, 0));
}

void MemcachedSession::abandon_all(ExchangeSink& sink) {
  for (const auto& [handle, outcome] : held_) sink.abandon(handle);
  held_.clear();
  for (; !pending_.empty(); pending_.pop()) abandon(pending_.front(), sink);
  reading_ = false;
  asked_ = false;
}

// Abandons the command whose data is being read; the bytes that came begin no message.
void MemcachedSession::forget_unfinished(ExchangeSink& sink) {
  block_.clear();
  if (!std::exchange(reading_, false)) return;
  pending_.back().whole = true;
  pending_.back().optional = true;
  abandon(pending_.back(), sink);
}

void MemcachedSession::drop_all(ExchangeSink& sink) {
  abandon_all(sink);
  block_.clear();
  replying_ = false;
  unframed_ = false;
}

}  // namespace weft::protocol::memcached

// SPDX-License-Identifier: Apache-2.0
// The response direction of MemcachedSession.
#include <algorithm>
#include <utility>

#include "probes/protocol/memcached/session.h"

namespace weft::protocol::memcached {
namespace {

// Is the newest the only one that must have an answer?
bool is_only(PendingQueue& pending) {
  for (size_t i = 0; i + 1 < pending.size(); ++i) {
    if (!pending.at(i).optional) return false;
  }
  return true;
}

}  // namespace

Progress MemcachedSession::response(const Chunk& chunk, size_t at, ExchangeSink& sink) {
  const std::string_view rest = chunk.bytes().substr(at);
  const uint64_t exchange_id = chunk.stamp(at).exchange_id;
  if (unframed_ && exchange_id == reply_exchange_) return {rest.size(), ParseStatus::kOk};
  if (unframed_) return {0, lose_responses(exchange_id, sink)};  // the next request was missed
  if (!std::exchange(replying_, true)) {
    reply_ = {};
    asked_ = false;
    reply_exchange_ = exchange_id;
  }
  const bool is_first = reply_.answer() == Answer::kNone;
  Progress step = reply_.read(rest);
  if (step.status == ParseStatus::kLost) step.status = lose_responses(exchange_id, sink);
  if (step.status != ParseStatus::kOk || step.consumed == 0) return step;
  if (is_first) step.status = first_line(sink);
  if (step.status == ParseStatus::kOk && reply_.done())
    step.status = reply_complete(chunk.stamp(at + step.consumed - 1).time, sink);
  return step;
}

// Finds the command that the answer belongs to: it becomes the front, those before it had none.
ParseStatus MemcachedSession::first_line(ExchangeSink& sink) {
  // After a hole the oldest command need not be the one that is answered.
  while (doubt_ && !pending_.empty() && pending_.front().whole &&
         pending_.front().exchange_id != reply_exchange_) {
    abandon(pending_.front(), sink);
    pending_.pop();
  }
  const PendingQueue::Match match = pending_.match(reply_);
  // It may belong to a command that was not seen.
  const bool anyones = doubt_ == reply_exchange_ && match.is_open && !reading_ && !pending_.empty();
  if (anyones) abandon_all(sink);
  if (anyones || match.count == 0) return unasked(sink);
  proven_ = true;
  settle(match.first, sink);
  if (match.count > 1) doubt_all_that_fit(sink);
  if (match.count > 1 && overlapped_) return give_up(ParseStatus::kHopeless, sink);
  asked_ = true;
  return ParseStatus::kOk;
}

// These commands had no answer.
void MemcachedSession::settle(size_t count, ExchangeSink& sink) {
  for (; count > 0; --count) {
    Pending& command = pending_.front();
    if (command.handle != 0) end(command, command.time, "", false, sink);
    pending_.pop();
  }
}

// The answer belongs to one of these, and the others may still get one.
void MemcachedSession::doubt_all_that_fit(ExchangeSink& sink) {
  doubt(reply_exchange_);
  for (size_t i = 0; i < pending_.size(); ++i) {
    Pending& command = pending_.at(i);
    const bool is_last = !command.optional;
    if (command.fits(reply_)) {
      abandon(command, sink);
      command.optional = true;
    }
    if (is_last) return;
  }
}

// No command can have this answer.
ParseStatus MemcachedSession::unasked(ExchangeSink& sink) {
  if (!held_.empty()) return lose_responses(reply_exchange_, sink);
  const bool cut = reading_ ? is_only(pending_) : line_begun_ && pending_.empty();
  if (cut && !reply_.is_error()) {  // the rest of it was lost
    doubt(reply_exchange_);
    answered_early_ = true;
    return ParseStatus::kOk;
  }
  if (!pending_.empty()) return give_up(ParseStatus::kHopeless, sink);
  const bool surplus = !doubt_ && proven_ && !reply_.is_error();
  return surplus ? give_up(ParseStatus::kHopeless, sink) : ParseStatus::kOk;
}

ParseStatus MemcachedSession::reply_complete(uint64_t time, ExchangeSink& sink) {
  replying_ = false;
  if (!asked_) return ParseStatus::kOk;
  Pending& command = pending_.front();
  if (!command.whole) reading_ = false;  // its data still comes and is skipped
  overlapped_ = overlapped_ || (command.whole && command.exchange_id != reply_exchange_);
  const bool is_stream = command.command && command.command->kind == Kind::kStream;
  end(command, time, "", false, sink);
  pending_.pop();
  asked_ = false;
  if (pending_.empty() && doubt_ != reply_exchange_) doubt_.reset();
  const bool opaque = is_stream && !reply_.is_error() && reply_.answer() != Answer::kOther;
  return opaque ? give_up(ParseStatus::kDone, sink) : ParseStatus::kOk;
}

Progress MemcachedSession::response_gap(uint64_t n, const Stamp& stamp, ExchangeSink& sink) {
  if (unframed_) return {n, ParseStatus::kOk};
  const uint64_t taken = replying_ ? reply_.skip(n) : 0;
  if (taken > 0 && reply_.done()) {
    const ParseStatus status = reply_complete(stamp.time, sink);
    if (status != ParseStatus::kOk) return {taken, status};
  }
  if (taken == n) return {n, ParseStatus::kOk};
  if (replying_ && reply_exchange_ == stamp.exchange_id && is_alone()) {
    unframed_ = true;
    doubt(stamp.exchange_id);
    return {n, ParseStatus::kOk};
  }
  return {taken, lose_responses(stamp.exchange_id, sink)};
}

// Do the bytes from here to the next request all belong to the answer that has begun?
bool MemcachedSession::is_alone() const {
  return asked_ && pending_.size() == 1 && pending_.front().handle != 0 && !reading_ &&
         !overlapped_;
}

// It is no longer known to which command the bytes here belong.
ParseStatus MemcachedSession::lose_responses(uint64_t exchange_id, ExchangeSink& sink) {
  const bool mixed =
      !pending_.empty() && pending_.front().exchange_id != pending_.back().exchange_id;
  doubt(exchange_id);
  replying_ = false;
  unframed_ = false;
  if (overlapped_ || (pipelined_ && mixed)) return give_up(ParseStatus::kHopeless, sink);
  abandon_all(sink);
  return ParseStatus::kLost;
}

}  // namespace weft::protocol::memcached

// SPDX-License-Identifier: Apache-2.0
// The response direction of RedisSession.
#include <algorithm>
#include <string>
#include <utility>

#include "probes/protocol/redis/session.h"

namespace weft::protocol::redis {
namespace {

// Does this word confirm this command?
bool confirms(std::string_view word, const Pending& command) {
  return command.special() == Special::kSubscribe &&
         std::ranges::equal(word, command.command->name, {}, to_upper);
}

// Is this confirmation the command's last? `left`: subscriptions of its kind.
bool is_last(Pending& command, int64_t left) {
  if (command.confirmations == 0) return left == 0;
  return --command.confirmations == 0;
}

// "SELECT 3"; empty when the number was not one.
std::string selected_database(std::string_view text) {
  const std::string_view number = text.substr(std::min(text.find(' ') + 1, text.size()));
  return number == "?" ? std::string() : std::string(number);
}

}  // namespace

Progress RedisSession::response(const Chunk& chunk, size_t at, ExchangeSink& sink) {
  const std::string_view rest = chunk.bytes().substr(at);
  const uint64_t exchange_id = chunk.stamp(at).exchange_id;
  if (unframed_ && exchange_id == reply_exchange_) return {rest.size(), ParseStatus::kOk};
  if (unframed_) return {0, lose_responses(exchange_id, sink)};  // the next request was not seen
  if (!replying_) {
    if (rest[0] == '\n') return {1, ParseStatus::kOk};  // a master's keep-alive before it syncs
    reply_begins(exchange_id, sink);
  }
  Progress step = reply_.read(rest);
  if (step.status == ParseStatus::kLost) step.status = lose_responses(exchange_id, sink);
  if (step.status == ParseStatus::kOk && step.consumed > 0) {
    const Pending* command = asked_ ? pending_.front() : nullptr;
    const bool first_line = command && command->special() == Special::kStream && reply_.type() != 0;
    if (reply_.done() || first_line)
      step.status = reply_complete(chunk.stamp(at + step.consumed - 1).time, sink);
  }
  return step;
}

// After a loss, the oldest command may not be the one that is answered.
void RedisSession::reply_begins(uint64_t exchange_id, ExchangeSink& sink) {
  while (doubt_ && pending_.front() && pending_.front()->exchange_id != exchange_id)
    abandon_front(sink);
  reply_ = {};
  replying_ = true;
  reply_exchange_ = exchange_id;
  asked_ = !pending_.empty();
}

// Something that the server sends without a request; see also the RESP3 type.
bool RedisSession::is_push(const Pending* command) const {
  const std::string_view word = reply_.word();
  if (command && confirms(word, *command)) return false;
  if (reply_.type() == '>') return true;
  if (reply_.type() != '*') return false;
  const bool may_have_channels =
      subscribed_ || !command || command->special() == Special::kSubscribe;
  if (is_message(word)) return may_have_channels || command->special() == Special::kPing;
  return is_confirmation(word) && may_have_channels;
}

bool RedisSession::fits(const Pending& command) const {
  if (reply_.is_error() || reply_.word() == "QUEUED") return true;
  switch (command.special()) {
    case Special::kSubscribe:
      return confirms(reply_.word(), command);
    case Special::kPing:
      return reply_.type() != '*' || reply_.word() == "pong";
    case Special::kNone:
    case Special::kSelect:
    case Special::kMulti:
    case Special::kExec:
    case Special::kClient:
    case Special::kReset:
    case Special::kStream:
    case Special::kShutdown:
      break;
  }
  if (!command.command || command.command->replies.empty()) return true;
  return command.command->replies.find(reply_.type()) != std::string_view::npos;
}

ParseStatus RedisSession::reply_complete(uint64_t time, ExchangeSink& sink) {
  // A replica acknowledges what its master sends: these are no requests and replies.
  if (reply_.type() == '*' && reply_.word() == "REPLCONF") return give_up(ParseStatus::kDone, sink);
  Pending* command = asked_ ? pending_.front() : nullptr;
  const bool pushed = is_push(command);
  const bool confirmed = command && confirms(reply_.word(), *command);
  int64_t left = 0;
  if (confirmed || (pushed && is_confirmation(reply_.word()))) {
    left = channels_.confirm(reply_.word(), reply_.integer());
    subscribed_ = reply_.type() == '*' && channels_.any();
  }
  ParseStatus status = ParseStatus::kOk;
  if (pushed || (confirmed && !is_last(*command, left))) {
    // No exchange ends.
  } else if (!asked_) {
    status = unasked(time, sink);
  } else if (!command) {
    pending_.pop();
  } else {
    status = answer(*command, time, sink);
  }
  replying_ = false;
  return status;
}

ParseStatus RedisSession::unasked(uint64_t time, ExchangeSink& sink) {
  const bool refused = reply_.is_error() && current_.handle != 0;
  if (!doubt_ && refused) {  // "Protocol error": the server closes
    current_.text = statement_.take();
    sink.head(current_.handle, std::nullopt);
    end(current_, time, &reply_, "", sink);
    current_ = {};
    return give_up(ParseStatus::kDone, sink);
  }
  if (!held_.empty()) return lose_responses(reply_exchange_, sink);
  if (current_.handle != 0) {  // the rest of the command was lost
    doubt(reply_exchange_);
    answered_early_ = true;
  }
  const bool surplus = !doubt_ && in_step_ && !reply_.is_error();
  return surplus ? give_up(ParseStatus::kHopeless, sink) : ParseStatus::kOk;
}

// The oldest command's last reply.
ParseStatus RedisSession::answer(Pending& command, uint64_t time, ExchangeSink& sink) {
  if (!fits(command)) return give_up(ParseStatus::kHopeless, sink);
  overlapped_ = overlapped_ || command.exchange_id != reply_exchange_;
  in_step_ = true;
  const Special special = command.special();
  std::string chosen;
  if (special == Special::kSelect) chosen = selected_database(command.text);
  if (holding_) {
    const ExchangeHandle handle = command.handle;
    held_.emplace_back(handle, outcome(command, time, &reply_, ""));
  } else {
    end(command, time, &reply_, "", sink);
  }
  pending_.pop();
  if (pending_.empty() && doubt_ != reply_exchange_) doubt_.reset();
  return take_effect(special, std::move(chosen), sink);
}

ParseStatus RedisSession::take_effect(Special special, std::string chosen, ExchangeSink& sink) {
  if (reply_.is_error()) return ParseStatus::kOk;
  const bool queued = reply_.word() == "QUEUED";
  // A queued command takes effect with an EXEC, or never.
  if (special == Special::kSelect) database_ = queued ? std::string() : std::move(chosen);
  if (special == Special::kReset) {
    database_ = "0";
    channels_ = {};
    subscribed_ = false;
  }
  const bool opaque = special == Special::kStream && !queued;
  return opaque ? give_up(ParseStatus::kDone, sink) : ParseStatus::kOk;
}

Progress RedisSession::response_gap(uint64_t n, const Stamp& stamp, ExchangeSink& sink) {
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

// Do all bytes up to the next request belong to the reply that has begun?
bool RedisSession::is_alone() {
  const Pending* command = asked_ && pending_.owed() == 1 ? pending_.front() : nullptr;
  const bool simple = command && command->special() != Special::kSubscribe &&
                      command->special() != Special::kStream;
  return simple && reply_.type() != 0 && current_.handle == 0 && !overlapped_ &&
         !is_push(command) && fits(*command);
}

// It is no longer known which command these bytes answer.
ParseStatus RedisSession::lose_responses(uint64_t exchange_id, ExchangeSink& sink) {
  const Pending* oldest = pending_.front();
  const Pending* newest = pending_.back();
  const bool mixed = oldest && (!newest || oldest->exchange_id != newest->exchange_id);
  doubt(exchange_id);
  replying_ = false;
  unframed_ = false;
  if (overlapped_ || (pipelined_ && mixed)) return give_up(ParseStatus::kHopeless, sink);
  abandon_all(sink);
  return ParseStatus::kLost;
}

}  // namespace weft::protocol::redis

// SPDX-License-Identifier: Apache-2.0
#include "probes/protocol/redis/session.h"

#include <algorithm>
#include <utility>

#include "probes/protocol/redis/redact.h"
#include "probes/protocol/redis/sniff.h"

namespace weft::protocol::redis {
namespace {

// Room for what follows a value that was only counted: the longest usual error, of a wrong type,
// has 68 bytes.
constexpr uint16_t kTail = 128;

std::unique_ptr<Session> make(const SessionOptions& options) {
  return std::make_unique<RedisSession>(options.role);
}

}  // namespace

extern const Protocol kProtocol;
const Protocol kProtocol{3, "redis", make, weft_sniff_redis, redact, "redis", kTail};

bool may_start(Direction direction, std::string_view bytes) {
  if (direction == Direction::kResponse) return may_be_value(bytes);
  const int status =
      weft_sniff_redis(reinterpret_cast<const unsigned char*>(bytes.data()),
                       static_cast<unsigned>(std::min<size_t>(bytes.size(), WEFT_SNIFF_LEN)));
  return status == WEFT_SNIFF_REQUEST || (status == WEFT_SNIFF_MAYBE && !bytes.empty());
}

void RedisSession::close_responses(CloseReason reason, uint64_t time, ExchangeSink& sink) {
  end_held(sink);
  if (reason == CloseReason::kEnd) end_unframed(sink);
  const Reply* answering = replying_ && asked_ ? &reply_ : nullptr;
  for (; !pending_.empty(); pending_.pop(), answering = nullptr) {
    Pending* command = pending_.front();
    if (!command) continue;
    const bool expected = command->special() == Special::kShutdown && reason == CloseReason::kEnd;
    const std::string_view error = failure_of(reason, answering != nullptr);
    end(*command, time, answering, expected ? "" : error, sink);
  }
  replying_ = false;
  forget_unfinished(sink);
}

bool RedisSession::may_start(Direction direction, std::string_view bytes) const {
  return redis::may_start(direction, bytes);
}

// `reply`: the part of its reply that was read; may be null.
Outcome RedisSession::outcome(Pending& command, uint64_t time, const Reply* reply,
                              std::string_view error) const {
  const Special special = command.special();
  Outcome outcome = describe(command, database_);
  outcome.end_time = time;
  if (reply) add_reply(outcome, *reply, special);
  if (!outcome.error) set_error(outcome, error);
  return outcome;
}

void RedisSession::end(Pending& command, uint64_t time, const Reply* reply, std::string_view error,
                       ExchangeSink& sink) {
  const ExchangeHandle handle = command.handle;
  sink.end(handle, outcome(command, time, reply, error));
}

// The client sends again, or the connection has ended, so that reply has ended.
void RedisSession::end_unframed(ExchangeSink& sink) {
  if (!std::exchange(unframed_, false)) return;
  if (Pending* command = pending_.front()) {
    const bool decided = command->special() != Special::kExec || reply_.has_error();
    const ExchangeHandle handle = command->handle;
    Outcome told = outcome(*command, last_response_, &reply_, "");
    told.unseen = !decided;
    sink.end(handle, std::move(told));
    pending_.pop();
  }
  replying_ = false;
}

// The missed bytes may also have changed the database.
void RedisSession::doubt(uint64_t exchange_id) {
  doubt_ = exchange_id;
  database_.clear();
}

void RedisSession::abandon_front(ExchangeSink& sink) {
  if (const Pending* command = pending_.front()) sink.abandon(command->handle);
  pending_.pop();
}

void RedisSession::abandon_all(ExchangeSink& sink) {
  abandon_held(sink);
  while (!pending_.empty()) abandon_front(sink);
}

void RedisSession::forget_unfinished(ExchangeSink& sink) {
  if (current_.handle != 0) sink.abandon(current_.handle);
  current_ = {};
  bulk_ = {};
  arguments_left_ = 0;
}

void RedisSession::drop_all(ExchangeSink& sink) {
  abandon_all(sink);
  forget_unfinished(sink);
  replying_ = false;
  unframed_ = false;
}

}  // namespace weft::protocol::redis

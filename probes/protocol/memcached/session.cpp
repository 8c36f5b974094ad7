// SPDX-License-Identifier: Apache-2.0
#include "probes/protocol/memcached/session.h"

#include <algorithm>
#include <memory>
#include <utility>

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
  abandon_held(sink);
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

// SPDX-License-Identifier: Apache-2.0
#include "probes/protocol/postgresql/session.h"

#include <utility>

#include "agent/exchange/failure.h"
#include "bpf/abi/weft_event.h"
#include "probes/protocol/postgresql/redact.h"
#include "probes/protocol/postgresql/sniff.h"

namespace weft::protocol::postgresql {
namespace {

// Requested once results were longer than what is captured.
constexpr uint32_t kResultHead = 16 * 1024;
// Room for an error with its texts, and for the ReadyForQuery after it.
constexpr uint16_t kTailed = 512;
// A hole smaller than this cannot hold an Execute, a Close and a Parse of the same name.
constexpr uint64_t kNoRoomForNames = 38;

std::unique_ptr<Session> make(const SessionOptions& options) {
  return std::make_unique<PostgresqlSession>(options);
}

}  // namespace

extern const Protocol kProtocol;
const Protocol kProtocol{2, "postgresql", make, weft_sniff_postgresql, redact, {}, kTailed};

Progress PostgresqlSession::on_bytes(Direction direction, const Chunk& chunk, ExchangeSink& sink) {
  if (over_ || chunk.bytes().empty())
    return {chunk.bytes().size(), over_.value_or(ParseStatus::kOk)};
  direction_changed(direction, chunk.stamp(chunk.bytes().size() - 1), sink);
  return direction == Direction::kRequest ? requests(chunk, sink) : responses(chunk, sink);
}

// Notes a direction change. A client that sends again has received the whole result, even if none
// of it was seen.
void PostgresqlSession::direction_changed(Direction direction, const Stamp& stamp,
                                          ExchangeSink& sink) {
  const bool turned =
      std::exchange(last_, direction) != direction || (stamp.flags & WEFT_DATA_DIR_CHANGE) != 0;
  if (direction == Direction::kResponse) {
    last_response_ = stamp;
  } else if (turned) {
    ++direction_changes_;
    if (skipped_) lose_responses(sink);
    if (adrift_ && !copy_in_) drift_ends(sink);
    Item* newest = pending_.back();
    if (newest && (copy_in_ || newest->batch == asked_)) newest->exchange_id = stamp.exchange_id;
  }
}

Progress PostgresqlSession::requests(const Chunk& chunk, ExchangeSink& sink) {
  std::string_view rest = chunk.bytes();
  const size_t size = rest.size();
  while (!rest.empty()) {
    const size_t at = size - rest.size();
    if (request_.at_start()) start_ = {chunk.stamp(at), chunk.pos() + at};
    const MessageReader::Step step = request_.read(rest);
    const Stamp& now = chunk.stamp(size - rest.size() - (step == MessageReader::Step::kComplete));
    ParseStatus status = ParseStatus::kOk;
    switch (step) {
      case MessageReader::Step::kPart:
        break;
      case MessageReader::Step::kComplete:
        status = request(now, sink);
        break;
      case MessageReader::Step::kNeedMore:
        status = ParseStatus::kNeedMore;
        break;
      case MessageReader::Step::kBroken:
        status = lose_requests(UINT64_MAX, now, sink);
        break;
    }
    if (status != ParseStatus::kOk) return {size - rest.size(), status};
  }
  return {size, ParseStatus::kOk};
}

Progress PostgresqlSession::responses(const Chunk& chunk, ExchangeSink& sink) {
  if (adrift_) return drift(chunk, sink);
  if (std::exchange(skipped_, false) && (chunk.stamp(0).flags & WEFT_DATA_DIR_CHANGE) == 0)
    return {0, lose_responses(sink)};
  std::string_view rest = chunk.bytes();
  const size_t size = rest.size();
  if (negotiating_ && rest[0] != 'E') return {1, negotiated(rest[0], sink)};
  while (!rest.empty()) {
    ParseStatus status = ParseStatus::kOk;
    switch (response_.read(rest)) {
      case MessageReader::Step::kPart:
        break;
      case MessageReader::Step::kComplete:
        status = response(chunk.stamp(size - rest.size() - 1), sink);
        break;
      case MessageReader::Step::kNeedMore:
        status = ParseStatus::kNeedMore;
        break;
      case MessageReader::Step::kBroken:
        status = lose_responses(sink);
        break;
    }
    if (status != ParseStatus::kOk) return {size - rest.size(), status};
  }
  return {size, ParseStatus::kOk};
}

Progress PostgresqlSession::on_gap(Direction direction, uint64_t n, const Stamp& stamp,
                                   ExchangeSink& sink) {
  if (over_) return {n, *over_};
  const bool turned = last_ != direction;
  direction_changed(direction, stamp, sink);
  return direction == Direction::kRequest ? request_gap(n, stamp, sink)
                                          : response_gap(n, stamp, turned, sink);
}

Progress PostgresqlSession::request_gap(uint64_t n, const Stamp& stamp, ExchangeSink& sink) {
  bool complete = false;
  const uint64_t skipped = request_.skip(n, complete);
  const ParseStatus status = complete ? request(stamp, sink) : ParseStatus::kOk;
  if (status != ParseStatus::kOk || skipped == n) return {skipped, status};
  return {skipped, lose_requests(n - skipped, stamp, sink)};
}

Progress PostgresqlSession::response_gap(uint64_t n, const Stamp& stamp, bool turned,
                                         ExchangeSink& sink) {
  if (adrift_) {
    tail_.clear();
    return {n, ParseStatus::kOk};
  }
  bool complete = false;
  const uint64_t skipped = response_.skip(n, complete);
  const ParseStatus status = complete ? response(stamp, sink) : ParseStatus::kOk;
  if (status != ParseStatus::kOk || skipped == n) return {skipped, status};
  if (turned && may_skip()) {
    skip_to_newest(sink);
    return {n, ParseStatus::kOk};
  }
  wanted_head_ = std::max(wanted_head_, kResultHead);
  if (!may_drift()) return {skipped, lose_responses(sink)};
  drift_begins();
  return {n, ParseStatus::kOk};
}

// `missed` bytes, where a message may have begun, were not seen or are no messages.
ParseStatus PostgresqlSession::lose_requests(uint64_t missed, const Stamp& stamp,
                                             ExchangeSink& sink) {
  request_.reset();
  if (copy_in_) return ParseStatus::kLost;  // they are data of the copy
  if (pipelined_) return give_up(ParseStatus::kHopeless, sink);
  if (unit_) {
    Item* item = open(Kind::kExecute, *unit_, stamp, sink);
    if (item) item->uncertain = true;
  }
  unit_.reset();
  tell_prepared(sink);
  statements_.forget("");
  portals_.forget("");
  if (missed >= kNoRoomForNames) {
    statements_.clear();
    portals_.clear();
  }
  return ParseStatus::kLost;
}

// It is no longer known which requests these bytes answer.
ParseStatus PostgresqlSession::lose_responses(ExchangeSink& sink) {
  if (pipelined_) return give_up(ParseStatus::kHopeless, sink);
  response_.reset();
  while (const Item* item = pending_.front()) {
    if (item->opaque) distrust();
    abandon_front(sink);
  }
  while (!pending_.empty()) abandon_front(sink);
  backslash_ = sql::Backslash::kUnknown;
  statements_.doubt();
  ready_ = asked_;
  copy_in_ = aborted_ = negotiating_ = skipped_ = false;
  return ParseStatus::kLost;
}

ParseStatus PostgresqlSession::give_up(ParseStatus status, ExchangeSink& sink) {
  tell_prepared(sink);
  while (!pending_.empty()) abandon_front(sink);
  unit_.reset();
  statements_.clear();
  portals_.clear();
  over_ = status;
  return status;
}

void PostgresqlSession::on_close(Direction direction, CloseReason reason, uint64_t time,
                                 ExchangeSink& sink) {
  if (direction == Direction::kRequest) {
    request_closed_ = true;
    if (response_closed_) give_up(ParseStatus::kDone, sink);
    return;
  }
  response_closed_ = true;
  if (skipped_) lose_responses(sink);
  tell_prepared(sink);
  if (adrift_) drift_closes();
  while (!pending_.empty()) close_front(reason, time, sink);
  if (request_closed_) give_up(ParseStatus::kDone, sink);
}

void PostgresqlSession::close_front(CloseReason reason, uint64_t time, ExchangeSink& sink) {
  Item& item = *pending_.front();
  const bool failed = item.facts.failed();
  const bool over = item.done && (failed || item.batch == asked_);
  if (!over && !failed) {
    item.end = time;
    item.facts.error = failure(reason, side_.role, request_closed_, item.answering);
  }
  tell_front(sink);
}

bool PostgresqlSession::starts_message(Direction direction, std::string_view bytes) const {
  return !over_ && chain_fits(direction, bytes);
}

}  // namespace weft::protocol::postgresql

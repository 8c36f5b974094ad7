// SPDX-License-Identifier: Apache-2.0
#include "probes/protocol/postgresql/session.h"

#include <utility>

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

Progress PostgresqlSession::read(Direction direction, const Chunk& chunk, ExchangeSink& sink) {
  observe(direction, chunk.stamp(chunk.bytes().size() - 1), sink);
  return direction == Direction::kRequest ? requests(chunk, sink) : responses(chunk, sink);
}

// Notes a direction change. A client that sends again has received the whole result, even if none
// of it was seen.
PostgresqlSession::Arrival PostgresqlSession::observe(Direction direction, const Stamp& stamp,
                                                      ExchangeSink& sink) {
  const Arrival arrival = arrive(direction, stamp);
  if (direction == Direction::kResponse) {
    last_response_ = stamp;
  } else if (arrival.changed) {
    ++direction_changes_;
    if (skipped_) lose_responses(sink);
    if (adrift_ && !copy_in_) drift_ends(sink);
    Item* newest = pending_.back();
    if (newest && (copy_in_ || newest->batch == asked_)) newest->exchange_id = stamp.exchange_id;
  }
  return arrival;
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

Progress PostgresqlSession::skip(Direction direction, uint64_t n, const Stamp& stamp,
                                 ExchangeSink& sink) {
  const Arrival arrival = observe(direction, stamp, sink);
  return direction == Direction::kRequest
             ? request_gap(n, stamp, sink)
             : response_gap(n, stamp, arrival.changed && !arrival.repeated, sink);
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
  want_head(kResultHead);
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
  end_prepared(sink);
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

void PostgresqlSession::drop_all(ExchangeSink& sink) {
  end_prepared(sink);
  while (!pending_.empty()) abandon_front(sink);
  unit_.reset();
  statements_.clear();
  portals_.clear();
}

void PostgresqlSession::close_responses(CloseReason reason, uint64_t time, ExchangeSink& sink) {
  if (skipped_) lose_responses(sink);
  end_prepared(sink);
  if (adrift_) drift_closes();
  while (!pending_.empty()) close_front(reason, time, sink);
}

void PostgresqlSession::close_front(CloseReason reason, uint64_t time, ExchangeSink& sink) {
  Item& item = *pending_.front();
  const bool failed = item.facts.failed();
  const bool over = item.done && (failed || item.batch == asked_);
  if (!over && !failed) {
    item.end = time;
    item.facts.error = failure_of(reason, item.answering);
  }
  end_front(sink);
}

bool PostgresqlSession::may_start(Direction direction, std::string_view bytes) const {
  return chain_fits(direction, bytes);
}

}  // namespace weft::protocol::postgresql

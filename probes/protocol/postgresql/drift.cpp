// SPDX-License-Identifier: Apache-2.0
// Responses of which some messages were not seen.
#include "probes/protocol/postgresql/session.h"

namespace weft::protocol::postgresql {
namespace {

// Enough for an error with its context, and for what may follow it.
constexpr size_t kTail = 4096;

}  // namespace

// A client that waits for responses has received those to all requests except its newest.
bool PostgresqlSession::may_skip() {
  return !pending_.empty() && pending_.back() && !pipelined_ && !copy_in_ && !negotiating_;
}

// Responses to the newest may be missing as well, unless they begin after the hole.
void PostgresqlSession::skip_to_newest(ExchangeSink& sink) {
  const Item newest = *pending_.back();
  response_.reset();
  while (pending_.front()->direction_change != newest.direction_change) {
    if (pending_.front()->batch == newest.batch) statements_.doubt();
    end_unseen_item(*pending_.front(), sink);
  }
  statements_.refused(newest.batch - 1);
  backslash_ = sql::Backslash::kUnknown;
  aborted_ = aborted_ && ready_ == newest.batch;
  ready_ = newest.batch;
  skipped_ = true;
}

// Its response ended before the client sent again.
void PostgresqlSession::end_unseen_item(Item& item, ExchangeSink& sink) {
  if (item.opaque) distrust();
  if (!item.answering) return abandon_front(sink);
  item.facts.unseen = !item.facts.failed() && (!item.done || !has_successor(item));
  if (!item.done) item.end = last_response_.time;
  end_front(sink);
}

// True if the missing messages can only be responses of the one batch in progress.
bool PostgresqlSession::may_drift() {
  const Item* item = current();
  return item && item->answering && !pipelined_ && asked_ - ready_ <= 1 && refused_ != item->batch;
}

void PostgresqlSession::drift_begins() {
  response_.reset();
  tail_.clear();
  adrift_ = true;
  backslash_ = sql::Backslash::kUnknown;
  for (Item* item = current(); item; item = pending_.find(item->ticket + 1)) {
    const bool has_rows = item->kind == Kind::kExecute && item->answering;  // so it is a query
    if (item->opaque && !has_rows) return distrust();
  }
}

// Framing is lost until the end of the batch is seen.
Progress PostgresqlSession::drift(const Chunk& chunk, ExchangeSink& sink) {
  tail_ += chunk.bytes();
  if (tail_.size() > kTail) tail_.erase(0, tail_.size() - kTail);
  const size_t size = chunk.bytes().size();
  if (!ends_ready(tail_)) return {size, ParseStatus::kOk};
  const Ending ending = read_ending(tail_);
  if (ending.kind == Ending::Kind::kUnknown) return {size, ParseStatus::kOk};
  const Stamp& now = chunk.stamp(size - 1);
  decide(ending, now);
  adrift_ = false;
  tail_ = {};
  ready(now, ending.state, sink);
  return {size, ParseStatus::kOk};
}

// The client sends again, so all was answered.
void PostgresqlSession::drift_ends(ExchangeSink& sink) {
  const Ending ending = read_ending(tail_);
  decide(ending, last_response_);
  adrift_ = false;
  tail_ = {};
  if (asked_ != ready_) ready(last_response_, ending.state, sink);
}

// The connection has ended: only an error is a result.
void PostgresqlSession::drift_closes() {
  const Ending ending = read_ending(tail_);
  Item* item = current();
  if (item && pending_.owed() == 1 && ending.kind == Ending::Kind::kError) {
    item->end = last_response_.time;
    fail(*item, ending.body);
  }
  adrift_ = false;
  tail_ = {};
}

// The results of the exchanges in the batch; if there are several, it is unknown which one failed.
void PostgresqlSession::decide(const Ending& ending, const Stamp& now) {
  const bool one = pending_.owed() == 1;
  const bool failed = ending.kind == Ending::Kind::kError;
  const bool known = ending.kind != Ending::Kind::kUnknown && (one || !failed);
  for (Item* item = current(); item; item = pending_.find(item->ticket + 1)) {
    if (static_cast<int32_t>(item->batch - ready_) > 0) break;
    item->end = now.time;
    item->facts.unseen = !known;
    if (known && failed) {
      fail(*item, ending.body);
      return;
    }
    item->done = item->answering = true;
  }
  if (one && ending.kind == Ending::Kind::kComplete) compare(current(), ending.body);
}

}  // namespace weft::protocol::postgresql

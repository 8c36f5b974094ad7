// SPDX-License-Identifier: Apache-2.0
// The backend's messages.
#include "probes/protocol/postgresql/session.h"

namespace weft::protocol::postgresql {
namespace {

constexpr uint32_t kPipelineHead = 64 * 1024;  // a hole would cost the connection

bool ends_ready(std::string_view bytes) {
  constexpr size_t kSize = kHeaderSize + 1;
  if (bytes.size() < kSize) return false;
  const std::string_view last = bytes.substr(bytes.size() - kSize);
  const char state = last.back();  // idle, in a transaction, in a failed one
  return last.starts_with(std::string_view("Z\0\0\0\5", 5)) &&
         (state == 'I' || state == 'T' || state == 'E');
}

}  // namespace

Verdict PostgresqlSession::response(const Stamp& now, ExchangeSink& sink) {
  negotiating_ = false;
  switch (response_.type()) {
    case '1':
      parse_complete(now, sink);
      break;
    case '2':
      answered(sink);
      break;
    case 't':
    case 'T':
    case 'n':
      described(now, sink);
      break;
    case 'D':
    case 'd':
    case 'H':
    case 'V':
      if (Item* item = answered(sink)) item->answering = true;
      break;
    case 'G':
      copy_in(sink);
      break;
    case 'W':
      return copy_both(now, sink);
    case 'C':
    case 'I':
    case 's':
      command_complete(now, sink);
      break;
    case 'E':
      error(now, sink);
      break;
    case 'Z':
      ready(now, sink);
      break;
    default:  // authentication, parameters, notices, notifications, Close: of no exchange
      break;
  }
  return Verdict::kOk;
}

Verdict PostgresqlSession::negotiated(char answer, ExchangeSink& sink) {
  negotiating_ = false;
  if (answer == 'N') return Verdict::kOk;
  if (answer == 'S' || answer == 'G') return give_up(Verdict::kDone, sink);
  return lose_responses(sink);
}

// The exchange of the batch under way that is answered now; null: none was seen.
PostgresqlSession::Item* PostgresqlSession::current() {
  Item* item = pending_.front();
  return item && static_cast<int32_t>(item->batch - ready_) <= 0 ? item : nullptr;
}

// The same for an answer that no exchange has after its end.
PostgresqlSession::Item* PostgresqlSession::answered(ExchangeSink& sink) {
  Item* item = current();
  if (!item || !item->done || !has_successor(*item)) return item;
  tell_front(sink);
  return current();
}

bool PostgresqlSession::has_successor(const Item& item) {
  const Item* next = pending_.find(item.ticket + 1);
  return (next && next->batch == item.batch) || refused_ == item.batch;
}

// A Parse that nothing executes has its Describe's answer after its own.
void PostgresqlSession::described(const Stamp& now, ExchangeSink& sink) {
  Item* item = current();
  if (item && item->done && item->kind == Kind::kPrepare) {
    item->end = now.time;
    return;
  }
  item = answered(sink);
  if (item) item->answering = true;
}

void PostgresqlSession::parse_complete(const Stamp& now, ExchangeSink& sink) {
  statements_.confirmed();
  Item* item = answered(sink);
  if (!item || item->kind != Kind::kPrepare) return;
  item->done = true;
  item->end = now.time;
}

// The server drops every Sync until the copy's end, those under way as well.
void PostgresqlSession::copy_in(ExchangeSink& sink) {
  copy_in_ = true;
  Item* item = answered(sink);
  if (!item) return;
  item->answering = item->copying = true;
  if (item->kind == Kind::kExecute) asked_ = ready_;
}

Verdict PostgresqlSession::copy_both(const Stamp& now, ExchangeSink& sink) {
  if (Item* item = answered(sink)) {
    item->end = now.time;
    tell_front(sink);
  }
  return give_up(Verdict::kDone, sink);
}

void PostgresqlSession::command_complete(const Stamp& now, ExchangeSink& sink) {
  copy_in_ = false;
  Item* item = answered(sink);
  if (!item) return;
  item->answering = true;
  if (item->kind != Kind::kExecute) return;
  if (item->done) {  // a second one: what followed it was not seen
    tell_front(sink);
    return;
  }
  item->done = true;
  item->end = now.time;
  if (!item->facts.statement) item->facts.operation = tag_operation(response_.body());
}

void PostgresqlSession::error(const Stamp& now, ExchangeSink& sink) {
  copy_in_ = false;
  Item* item = answered(sink);
  // What fails after the last answer is the commit; without a Sync there is none yet.
  if (!item || (item->done && item->batch == asked_)) return;
  aborted_ = true;
  item->done = item->answering = true;
  item->end = now.time;
  if (!item->facts.sqlstate.empty() || !item->facts.error.empty()) return;
  if (const auto code = error_code(response_.body())) {
    item->facts.sqlstate = *code;
  } else {
    item->facts.error = "_OTHER";
  }
}

void PostgresqlSession::ready(const Stamp& now, ExchangeSink& sink) {
  while (Item* item = current()) settle(*item, now, sink);
  copy_in_ = aborted_ = false;
  statements_.refused(ready_);
  if (asked_ == ready_) ++asked_;  // its Sync was not seen
  ++ready_;
}

// The batch is over, and with it this exchange.
void PostgresqlSession::settle(Item& item, const Stamp& now, ExchangeSink& sink) {
  if (!item.copying && item.xid != now.xid) {
    pipelined_ = true;
    wanted_head_ = kPipelineHead;
  }
  const bool last = !has_successor(item);
  const bool whole = item.kind == Kind::kQuery || item.kind == Kind::kFunction;
  if (!item.done && !whole && aborted_) item.facts.error = "pipeline_aborted";
  if (!item.done && item.uncertain && item.parsed) item.facts.operation = "PREPARE";
  const bool told = item.done || whole || aborted_ || (item.uncertain && item.parsed);
  if (last || !item.done) item.end = now.time;
  if (told) {
    tell_front(sink);
  } else {
    abandon_front(sink);
  }
}

void PostgresqlSession::tell_front(ExchangeSink& sink) {
  const Item& item = *pending_.front();
  sink.end(item.handle, make_outcome(item.facts, side_, item.end));
  pending_.pop();
}

void PostgresqlSession::abandon_front(ExchangeSink& sink) {
  sink.abandon(pending_.front()->handle);
  pending_.pop();
}

// Only one exchange is open, and this is its result.
bool PostgresqlSession::may_drift() {
  const Item* item = current();
  return item && pending_.owed() == 1 && item->answering && !item->done && !pipelined_ &&
         asked_ - ready_ <= 1;
}

// Framing is lost until something ends the batch in sight.
Progress PostgresqlSession::drift(const Chunk& chunk, ExchangeSink& sink) {
  const std::string_view bytes = chunk.bytes();
  if (!ends_ready(bytes)) return {bytes.size(), Verdict::kOk};
  const Stamp& now = chunk.stamp(bytes.size() - 1);
  adrift_ = false;
  if (Item* item = current()) item->done = true;
  ready(now, sink);
  return {bytes.size(), Verdict::kOk};
}

// The client goes on, so the result was over.
void PostgresqlSession::drift_ends(ExchangeSink& sink) {
  adrift_ = false;
  if (Item* item = current()) {
    item->done = true;
    item->end = last_response_.time;
  }
  if (asked_ != ready_) ready(last_response_, sink);
}

}  // namespace weft::protocol::postgresql

// SPDX-License-Identifier: Apache-2.0
// The backend's messages.
#include "probes/protocol/postgresql/session.h"

namespace weft::protocol::postgresql {
namespace {

constexpr uint32_t kPipelineHead = 64 * 1024;  // a hole would cost the connection

// Errors of an Execute that concern the name it used.
constexpr std::string_view kNoSuchStatement = "26000";
constexpr std::string_view kNoSuchPortal = "34000";

}  // namespace

ParseStatus PostgresqlSession::response(const Stamp& now, ExchangeSink& sink) {
  negotiating_ = false;
  switch (response_.type()) {
    case '1':
      parse_complete(now, sink);
      break;
    case '2':
      bind_complete(sink);
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
    case 'S':
      setting();
      break;
    case 'E':
      error(now, sink);
      break;
    case 'Z':
      ready(now, response_.body().empty() ? '\0' : response_.body()[0], sink);
      break;
    default:  // authentication, notices, notifications, Close: part of no exchange
      break;
  }
  return ParseStatus::kOk;
}

ParseStatus PostgresqlSession::negotiated(char answer, ExchangeSink& sink) {
  negotiating_ = false;
  if (answer == 'N') return ParseStatus::kOk;
  if (answer == 'S' || answer == 'G') return give_up(ParseStatus::kDone, sink);
  return lose_responses(sink);
}

// The exchange of the current batch that is being answered; null: none was seen.
PostgresqlSession::Item* PostgresqlSession::current() {
  Item* item = pending_.front();
  return item && static_cast<int32_t>(item->batch - ready_) <= 0 ? item : nullptr;
}

// The same for a response that never comes after the end of an exchange.
PostgresqlSession::Item* PostgresqlSession::answered(ExchangeSink& sink) {
  Item* item = current();
  if (!item || !item->done || !has_successor(*item)) return item;
  end_front(sink);
  return current();
}

bool PostgresqlSession::has_successor(const Item& item) {
  const Item* next = pending_.find(item.ticket + 1);
  return (next && next->batch == item.batch) || refused_ == item.batch;
}

// A Parse without an Execute has its Describe's response after its own: the types of its
// parameters, then its columns. It ends with these, so what the server does next is not done for
// it.
void PostgresqlSession::described(const Stamp& now, ExchangeSink& sink) {
  Item* item = current();
  if (item && item->done && item->kind == Kind::kPrepare) {
    item->end = now.time;
    if (response_.type() != 't' && !item->unnamed) end_front(sink);
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

// An answered Parse ends here; if it is of the unnamed statement, it is part of what was bound,
// which was not seen.
void PostgresqlSession::bind_complete(ExchangeSink& sink) {
  const Item* item = answered(sink);
  if (!item || !item->done || item->kind != Kind::kPrepare) return;
  if (item->unnamed) return abandon_front(sink);
  end_front(sink);
}

// The server drops every Sync until the copy's end, also those already sent.
void PostgresqlSession::copy_in(ExchangeSink& sink) {
  copy_in_ = true;
  Item* item = answered(sink);
  if (!item) return;
  item->answering = item->copying = true;
  if (item->kind == Kind::kExecute) asked_ = ready_;
}

ParseStatus PostgresqlSession::copy_both(const Stamp& now, ExchangeSink& sink) {
  if (Item* item = answered(sink)) {
    item->end = now.time;
    end_front(sink);
  }
  return give_up(ParseStatus::kDone, sink);
}

void PostgresqlSession::command_complete(const Stamp& now, ExchangeSink& sink) {
  copy_in_ = false;
  Item* item = answered(sink);
  if (response_.type() == 'C') compare(item, response_.body());
  if (!item) return;
  item->answering = true;
  if (item->kind != Kind::kExecute) return;
  if (item->done) {  // a second one: what came between was not seen
    end_front(sink);
    return;
  }
  item->done = true;
  item->end = now.time;
  if (!item->facts.statement) item->facts.operation = tag_operation(response_.body());
}

// Compares the command tag with the known statement: do names still have their meaning?
void PostgresqlSession::compare(Item* item, std::string_view tag) {
  const Statement* statement = item ? item->facts.statement.get() : nullptr;
  const bool by_name = item && item->kind == Kind::kExecute && !item->parsed;
  const bool other = statement && by_name && !tag_fits(statement->command, tag);
  const bool expected = statement && !item->opaque && !statement->effects.none();
  if (other || (!expected && tag_changes_statements(tag))) distrust();
}

// All names become unknown, and so do unanswered texts that were found by name.
void PostgresqlSession::distrust() {
  statements_.forget_all();
  portals_.clear();
  for (Item* item = pending_.front(); item; item = pending_.find(item->ticket + 1)) {
    if (item->kind == Kind::kExecute && !item->parsed) item->facts.statement = nullptr;
  }
}

void PostgresqlSession::setting() {
  std::string_view rest = response_.body();
  if (take_string(rest) != "standard_conforming_strings") return;
  const auto value = take_string(rest);
  backslash_ = value == "on"    ? sql::Backslash::kPlain
               : value == "off" ? sql::Backslash::kEscapes
                                : sql::Backslash::kUnknown;
}

void PostgresqlSession::error(const Stamp& now, ExchangeSink& sink) {
  copy_in_ = false;
  Item* item = answered(sink);
  // What fails after the last answer is the commit; without a Sync there is none yet.
  if (!item || (item->done && item->batch == asked_)) return;
  item->end = now.time;
  fail(*item, response_.body());
}

void PostgresqlSession::fail(Item& item, std::string_view fields) {
  aborted_ = true;
  item.done = item.answering = true;
  if (item.unnamed) item.facts.operation.clear();  // the statement fails, not a PREPARE
  if (item.facts.failed()) return;
  const auto code = error_code(fields);
  if (code) {
    item.facts.sqlstate = *code;
  } else {
    item.facts.error = "_OTHER";
  }
  const bool no_such = code == kNoSuchStatement || code == kNoSuchPortal;
  if (no_such && item.kind == Kind::kExecute && !item.parsed) distrust();
}

void PostgresqlSession::ready(const Stamp& now, char state, ExchangeSink& sink) {
  while (Item* item = current()) settle(*item, now, sink);
  copy_in_ = aborted_ = false;
  statements_.refused(ready_);
  if (sync_missed()) lose_batch(sink);
  ++ready_;
  if (state == 'I' && asked_ == ready_ && !unit_) portals_.clear();  // the transaction has ended
}

// May the Bind of this Parse still come?
bool PostgresqlSession::stays(const Item& item) {
  const bool waits = asked_ - ready_ <= 1 && pending_.owed() == 1;
  return item.unnamed && item.facts.statement && item.done && !item.facts.failed() && waits;
}

// The batch has ended, so messages after those seen were sent, and missed.
void PostgresqlSession::lose_batch(ExchangeSink& sink) {
  if (prepared_) sink.abandon(prepared_->handle);
  prepared_.reset();
  unit_.reset();
  ++asked_;
}

void PostgresqlSession::overlaps() {
  pipelined_ = true;
  want_head(kPipelineHead);
}

// The batch has ended, and with it this exchange.
void PostgresqlSession::settle(Item& item, const Stamp& now, ExchangeSink& sink) {
  if (!item.copying && !sync_missed() && item.exchange_id != now.exchange_id) overlaps();
  const bool last = !has_successor(item);
  const bool whole = item.kind == Kind::kQuery || item.kind == Kind::kFunction;
  if (!item.done && !whole && aborted_) item.facts.error = "pipeline_aborted";
  if (!item.done && item.uncertain && item.parsed) item.facts.operation = "PREPARE";
  const bool told = item.done || whole || aborted_ || (item.uncertain && item.parsed);
  if (last && !unit_ && stays(item)) {
    keep(item);
    pending_.pop();
    return;
  }
  const bool over_before = sync_missed() && item.kind == Kind::kPrepare;
  if ((last && !over_before) || !item.done) item.end = now.time;
  if (told) {
    end_front(sink);
  } else {
    abandon_front(sink);
  }
}

void PostgresqlSession::end_front(ExchangeSink& sink) {
  const Item& item = *pending_.front();
  sink.end(item.handle, make_outcome(item.facts, side_, item.end));
  pending_.pop();
}

void PostgresqlSession::abandon_front(ExchangeSink& sink) {
  sink.abandon(pending_.front()->handle);
  pending_.pop();
}

}  // namespace weft::protocol::postgresql

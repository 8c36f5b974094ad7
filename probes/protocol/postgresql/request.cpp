// SPDX-License-Identifier: Apache-2.0
// The frontend's messages.
#include <algorithm>

#include "agent/base/bytes.h"
#include "probes/protocol/postgresql/session.h"

namespace weft::protocol::postgresql {
namespace {

// Codes at the position of a startup packet's version.
constexpr uint32_t kCancelRequest = 80877102;
constexpr uint32_t kSslRequest = 80877103;
constexpr uint32_t kGssEncRequest = 80877104;
constexpr uint32_t kMajorVersion = 3;

}  // namespace

ParseStatus PostgresqlSession::request(const Stamp& now, ExchangeSink& sink) {
  if (request_.type() == kStartup) return startup(now, sink);
  started_ = true;
  switch (request_.type()) {
    case 'Q':
      query(now, sink);
      break;
    case 'P':
      parse(now, sink);
      break;
    case 'B':
      bind(now, sink);
      break;
    case 'E':
      execute(now, sink);
      break;
    case 'C':
      close_name(sink);
      break;
    case 'F':
      unit_.reset();
      open(Kind::kFunction, {.start = start_}, now, sink);
      ++asked_;
      break;
    case 'H':
      if (unit_ && !unit_->bound) prepare_ends(now, sink);
      break;
    case 'S':
      sync(now, sink);
      break;
    case 'c':
    case 'f':
      copy_in_ = false;
      break;
    case 'X':
      close_request();
      break;
    default:  // Describe, CopyData, passwords: not read
      break;
  }
  return ParseStatus::kOk;
}

ParseStatus PostgresqlSession::startup(const Stamp& now, ExchangeSink& sink) {
  ByteReader reader(request_.body());
  const uint32_t code = reader.be32();
  negotiating_ = code == kSslRequest || code == kGssEncRequest;
  if (negotiating_) return ParseStatus::kOk;
  if (code == kCancelRequest) return give_up(ParseStatus::kDone, sink);
  if (started_ || code >> 16 != kMajorVersion) return lose_requests(UINT64_MAX, now, sink);
  started_ = true;
  side_.database = startup_database(reader.rest());
  ++asked_;  // the server sends ReadyForQuery for it
  return ParseStatus::kOk;
}

void PostgresqlSession::query(const Stamp& now, ExchangeSink& sink) {
  const std::string_view text = request_.body().substr(0, request_.body().find('\0'));
  unit_.reset();
  const Unit unit{.start = start_,
                  .statement = statement_of(text, backslash()),
                  .context = comment_context(text)};
  Item* item = open(Kind::kQuery, unit, now, sink);
  if (item) item->opaque = request_.cut() || unit.statement->effects.unseen;
  apply(unit.statement.get());
  statements_.forget("");
  portals_.forget("");
  ++asked_;
}

// Applies the effects of a text's execution on names.
void PostgresqlSession::apply(const Statement* statement) {
  if (!statement || statement->effects.none()) return;
  statements_.apply(statement->effects);
  if (statement->effects.all_portals) portals_.clear();
  for (const std::string& name : statement->effects.portals) portals_.forget(name);
}

// Unknown while something that may change it is not answered.
sql::Backslash PostgresqlSession::backslash() const {
  const bool settled = asked_ == ready_ && executed_ != asked_;
  return settled ? backslash_ : sql::Backslash::kUnknown;
}

void PostgresqlSession::parse(const Stamp& now, ExchangeSink& sink) {
  prepare_ends(now, sink);
  unit_ = Unit{.start = start_, .parsed = true};
  std::string_view rest = request_.body();
  const auto name = take_string(rest);
  if (!name) {
    statements_.parsed("", nullptr, asked_);
    return;
  }
  const std::string_view text = rest.substr(0, rest.find('\0'));
  unit_->statement = statement_of(text, backslash());
  unit_->context = comment_context(text);
  unit_->unnamed = name->empty();
  unit_->resumes = resume(*name, unit_->statement);
  if (name->empty() && !unit_->resumes) end_prepared(sink);
  statements_.parsed(*name, unit_->statement, asked_);
}

// Is this the statement that was parsed in the previous round trip?
bool PostgresqlSession::resume(std::string_view name, const StatementPtr& statement) {
  if (!name.empty() || !statement) return false;
  const Item* item = pending_.front();
  const bool flushed = item && item->batch == asked_ && item->unnamed && stays(*item);
  if (flushed) {
    keep(*item);
    pending_.pop();
  }
  return prepared_ && prepared_->statement == statement;
}

void PostgresqlSession::keep(const Item& item) {
  prepared_ = Prepared{item.handle, item.facts.statement, item.begin, item.end};
}

// No Execute follows the Parse: it is an exchange of its own.
void PostgresqlSession::end_prepared(ExchangeSink& sink) {
  if (!prepared_) return;
  Facts facts;
  facts.statement = prepared_->statement;
  facts.operation = "PREPARE";
  sink.end(prepared_->handle, make_outcome(facts, side_, prepared_->end));
  prepared_.reset();
}

void PostgresqlSession::bind(const Stamp& now, ExchangeSink& sink) {
  std::string_view rest = request_.body();
  const auto portal = take_string(rest);
  const auto name = take_string(rest);
  StatementPtr statement = name ? statements_.find(*name) : nullptr;
  if (unit_ && name && !unit_->bound && unit_->statement != statement) prepare_ends(now, sink);
  if (!unit_) unit_ = Unit{.start = start_};
  if (name && !unit_->resumes) unit_->resumes = resume(*name, statement);
  unit_->statement = statement;
  portals_.put(portal.value_or(""), std::move(statement));
  unit_->bound = true;
}

void PostgresqlSession::execute(const Stamp& now, ExchangeSink& sink) {
  std::string_view rest = request_.body();
  const auto portal = take_string(rest);
  if (!unit_) unit_ = Unit{.start = start_};
  unit_->statement = portal ? portals_.find(*portal) : nullptr;
  if (Item* item = open(Kind::kExecute, *unit_, now, sink)) item->opaque = !unit_->statement;
  apply(unit_->statement.get());
  executed_ = asked_;
  unit_.reset();
}

void PostgresqlSession::close_name(ExchangeSink& sink) {
  std::string_view rest = request_.body();
  const bool portal = rest.starts_with('P');
  rest.remove_prefix(std::min<size_t>(1, rest.size()));
  const auto name = take_string(rest);
  if (!name) return;
  if (portal) {
    portals_.forget(*name);
  } else {
    if (name->empty()) end_prepared(sink);
    statements_.forget(*name);
  }
}

// The next Execute will not execute what was parsed.
void PostgresqlSession::prepare_ends(const Stamp& now, ExchangeSink& sink) {
  if (unit_ && unit_->parsed) open(Kind::kPrepare, *unit_, now, sink);
  if (unit_ && unit_->resumes) end_prepared(sink);
  unit_.reset();
}

void PostgresqlSession::sync(const Stamp& now, ExchangeSink& sink) {
  prepare_ends(now, sink);
  if (!copy_in_) ++asked_;  // ignored by a server that waits for a copy's end
}

PostgresqlSession::Item* PostgresqlSession::open(Kind kind, const Unit& unit, const Stamp& now,
                                                 ExchangeSink& sink) {
  Item item;
  if (unit.resumes && prepared_) {
    item.handle = prepared_->handle;
    item.begin = item.facts.prepared = prepared_->begin;
    prepared_.reset();
    sink.goes_on(item.handle, now, asked_);
  } else {
    end_prepared(sink);
    const uint64_t hash = unit.statement ? unit.statement->hash : 0;
    item.handle = sink.begin({unit.start.stamp, unit.start.pos, asked_, hash});
    item.begin = unit.start.stamp.time;
    sink.head(item.handle, unit.context);
  }
  item.kind = kind;
  item.batch = asked_;
  item.direction_change = direction_changes_;
  item.exchange_id = now.exchange_id;
  item.parsed = unit.parsed || unit.resumes;
  item.unnamed = kind == Kind::kPrepare && unit.unnamed;
  item.facts.statement = unit.statement;
  if (kind == Kind::kPrepare) item.facts.operation = "PREPARE";
  if (const Item* oldest = pending_.front(); oldest && oldest->done && oldest->batch == asked_) {
    end_front(sink);  // the batch continues: this is not its last exchange
  }
  if (refused_ == asked_ || pending_.owed() == kMaxPending) {
    refused_ = asked_;
    sink.abandon(item.handle);
    return nullptr;
  }
  const auto ticket = pending_.push(std::move(item));
  Item* kept = pending_.find(ticket);
  kept->ticket = ticket;
  return kept;
}

}  // namespace weft::protocol::postgresql

// SPDX-License-Identifier: Apache-2.0
// The frontend's messages.
#include <algorithm>

#include "agent/base/bytes.h"
#include "probes/protocol/postgresql/session.h"

namespace weft::protocol::postgresql {
namespace {

// Codes that stand where a startup packet has its version.
constexpr uint32_t kCancelRequest = 80877102;
constexpr uint32_t kSslRequest = 80877103;
constexpr uint32_t kGssEncRequest = 80877104;
constexpr uint32_t kMajorVersion = 3;

}  // namespace

Verdict PostgresqlSession::request(const Stamp& now, ExchangeSink& sink) {
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
      close_name();
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
      request_closed_ = true;
      break;
    default:  // Describe, CopyData, passwords: nothing in them is ours to read
      break;
  }
  return Verdict::kOk;
}

Verdict PostgresqlSession::startup(const Stamp& now, ExchangeSink& sink) {
  ByteReader reader(request_.body());
  const uint32_t code = reader.be32();
  negotiating_ = code == kSslRequest || code == kGssEncRequest;
  if (negotiating_) return Verdict::kOk;
  if (code == kCancelRequest) return give_up(Verdict::kDone, sink);
  if (started_ || code >> 16 != kMajorVersion) return lose_requests(UINT64_MAX, now, sink);
  started_ = true;
  side_.database = startup_database(reader.rest());
  ++asked_;  // the server says when it is ready for the first one
  return Verdict::kOk;
}

void PostgresqlSession::query(const Stamp& now, ExchangeSink& sink) {
  const std::string_view text = request_.body().substr(0, request_.body().find('\0'));
  statements_.note_text(text);
  unit_.reset();
  const Unit unit{
      .start = start_, .statement = statement_of(text), .context = comment_context(text)};
  open(Kind::kQuery, unit, now, sink);
  ++asked_;
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
  statements_.note_text(text);
  unit_->statement = statement_of(text);
  unit_->context = comment_context(text);
  statements_.parsed(*name, unit_->statement, asked_);
}

void PostgresqlSession::bind(const Stamp& now, ExchangeSink& sink) {
  std::string_view rest = request_.body();
  const auto portal = take_string(rest);
  const auto name = take_string(rest);
  StatementPtr statement = name ? statements_.find(*name) : nullptr;
  if (unit_ && name && !unit_->bound && unit_->statement != statement) prepare_ends(now, sink);
  if (!unit_) unit_ = Unit{.start = start_};
  unit_->statement = statement;
  portals_.put(portal.value_or(""), std::move(statement));
  unit_->bound = true;
}

void PostgresqlSession::execute(const Stamp& now, ExchangeSink& sink) {
  std::string_view rest = request_.body();
  const auto portal = take_string(rest);
  if (!unit_) unit_ = Unit{.start = start_};
  unit_->statement = portal ? portals_.find(*portal) : nullptr;
  open(Kind::kExecute, *unit_, now, sink);
  unit_.reset();
}

void PostgresqlSession::close_name() {
  std::string_view rest = request_.body();
  const bool portal = rest.starts_with('P');
  rest.remove_prefix(std::min<size_t>(1, rest.size()));
  const auto name = take_string(rest);
  if (!name) return;
  if (portal) {
    portals_.forget(*name);
  } else {
    statements_.forget(*name);
  }
}

// What was parsed is not going to be executed by the Execute to come.
void PostgresqlSession::prepare_ends(const Stamp& now, ExchangeSink& sink) {
  if (unit_ && unit_->parsed) open(Kind::kPrepare, *unit_, now, sink);
  unit_.reset();
}

void PostgresqlSession::sync(const Stamp& now, ExchangeSink& sink) {
  prepare_ends(now, sink);
  if (!copy_in_) ++asked_;  // ignored by a server that waits for a copy's end
}

PostgresqlSession::Item* PostgresqlSession::open(Kind kind, const Unit& unit, const Stamp& now,
                                                 ExchangeSink& sink) {
  const uint64_t hash = unit.statement ? unit.statement->hash : 0;
  Item item;
  item.handle = sink.begin({unit.start.stamp, unit.start.pos, asked_, hash});
  sink.head(item.handle, unit.context);
  item.kind = kind;
  item.batch = asked_;
  item.xid = now.xid;
  item.parsed = unit.parsed;
  item.facts.statement = unit.statement;
  if (kind == Kind::kPrepare) item.facts.operation = "PREPARE";
  if (const Item* oldest = pending_.front(); oldest && oldest->done && oldest->batch == asked_) {
    tell_front(sink);  // the client goes on in the batch: not the last one
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

// SPDX-License-Identifier: Apache-2.0
// One PostgreSQL connection. Contract: agent/port/protocol.h. Messages: frame.h; span data:
// semantics.h.
//
//   messages                         exchange                        ends with
//   Query                            one, whatever is in its text    ReadyForQuery
//   FunctionCall                     one                             ReadyForQuery
//   [Parse] [Bind] [Describe]        one per Execute, from the       its CommandComplete,
//     Execute                        first of these on               EmptyQueryResponse,
//                                                                    PortalSuspended or error
//   Parse of the unnamed statement   part of the Execute that        (event db.prepare)
//     in a round trip of its own     follows
//   other Parse, not followed by     one, "PREPARE"                  the last response to it
//     its own Bind before Flush,
//     Sync or the next Parse
//   Bind, Describe, Close, Flush,    none
//     Sync on their own; start-up
//
// All requests up to a Sync are a batch; a Query and a FunctionCall end one as well. The last
// exchange of a batch ends at ReadyForQuery, because the server commits before that; what
// fails there is its failure. After an error the server drops the rest of the batch: those
// exchanges end at ReadyForQuery with error "pipeline_aborted" (libpq's word for it).
//
// A Parse of the unnamed statement whose response is not followed by its Bind is a PREPARE,
// reported then; if it fails, it is reported as its statement's failure.
//
// A name keeps its last meaning: effects.h says how texts change it. If a command tag does not
// match the statement that a name stands for, all names become unknown.
//
// COPY is part of the exchange that began it. At a copy in both directions (replication) the
// exchange ends, and the connection becomes opaque; so it does when TLS or GSS is agreed upon.
//
// What happens to an exchange when something was missed, or the connection ends:
//
//   hole in a body                   nothing, because the message's size is known; a text is
//                                    reported as far as it was seen
//   hole in a batch's responses,     they last until the end is seen (ending.h), or until the
//     once one has begun             client sends again: then it is unknown whether it failed,
//                                    as it is for each if several were open and one has failed
//   hole that shows after the        what has begun lasts until then, the rest is abandoned; a
//     client has sent again          direction change that begins after the hole is the response
//                                    to the newest request
//   other hole in the responses      abandoned
//   hole in the requests after a     reported if the responses show an execution; the names of
//     Parse or Bind                  statements are forgotten unless the hole is too small
//   connection closed, process gone  agent/exchange/failure.h; an error from the server wins
//
// A pair is never wrong: a hole where a response may have begun abandons all that is open, and
// the next response accepted is the one to the client's next direction change. A connection whose
// client has sent again before it was answered is ignored after such a hole.
#pragma once

#include <optional>
#include <string>

#include "agent/exchange/fifo.h"
#include "agent/exchange/session_base.h"
#include "probes/protocol/postgresql/ending.h"
#include "probes/protocol/postgresql/frame.h"
#include "probes/protocol/postgresql/semantics.h"
#include "probes/protocol/postgresql/statements.h"

namespace weft::protocol::postgresql {

class PostgresqlSession final : public SessionBase {
 public:
  explicit PostgresqlSession(const SessionOptions& options)
      : SessionBase(options.role), side_(options) {}

 private:
  // session.cpp
  Progress read(Direction direction, const Chunk& chunk, ExchangeSink& sink) override;
  Progress skip(Direction direction, uint64_t n, const Stamp& stamp, ExchangeSink& sink) override;
  void close_responses(CloseReason reason, uint64_t time, ExchangeSink& sink) override;
  bool may_start(Direction direction, std::string_view bytes) const override;
  void drop_all(ExchangeSink& sink) override;

  // Exchanges one connection may have open; those beyond it are abandoned.
  static constexpr size_t kMaxPending = 512;
  static constexpr size_t kMaxPortals = 64;

  enum class Kind : uint8_t { kQuery, kFunction, kExecute, kPrepare };
  // Where a message began.
  struct Start {
    Stamp stamp;
    uint64_t pos = 0;
  };
  // Messages that belong to an Execute to come.
  struct Unit {
    Start start;
    StatementPtr statement = nullptr;
    std::optional<TraceContext> context = std::nullopt;
    bool parsed = false;
    bool bound = false;
    bool unnamed = false;  // the statement
    bool resumes = false;  // prepared_ is a part of it
  };
  // A Parse of the unnamed statement that was answered, and is not reported yet.
  struct Prepared {
    ExchangeHandle handle = 0;
    StatementPtr statement;
    uint64_t begin = 0;
    uint64_t end = 0;
  };
  struct Item {
    ExchangeHandle handle = 0;
    Kind kind = Kind::kQuery;
    uint32_t batch = 0;
    uint32_t direction_change = 0;  // in which it was begun
    uint64_t exchange_id = 0;       // of the request's newest bytes
    uint64_t end = 0;               // once done
    bool done = false;              // answered; waits for the batch's end or the next response
    bool answering = false;         // some of the response was seen
    bool uncertain = false;         // only the responses show whether it is executed
    bool parsed = false;            // its text came with it
    bool unnamed = false;           // a Parse of the unnamed statement
    bool opaque = false;            // its text was not seen completely
    bool copying = false;
    uint64_t begin = 0;
    Fifo<Item>::Ticket ticket = 0;
    Facts facts;
  };

  Progress requests(const Chunk& chunk, ExchangeSink& sink);
  Progress responses(const Chunk& chunk, ExchangeSink& sink);
  Arrival observe(Direction direction, const Stamp& stamp, ExchangeSink& sink);
  Progress request_gap(uint64_t n, const Stamp& stamp, ExchangeSink& sink);
  Progress response_gap(uint64_t n, const Stamp& stamp, bool turned, ExchangeSink& sink);
  ParseStatus lose_requests(uint64_t missed, const Stamp& stamp, ExchangeSink& sink);
  ParseStatus lose_responses(ExchangeSink& sink);
  void close_front(CloseReason reason, uint64_t time, ExchangeSink& sink);

  // request.cpp: what the frontend's messages begin
  ParseStatus request(const Stamp& now, ExchangeSink& sink);
  ParseStatus startup(const Stamp& now, ExchangeSink& sink);
  void query(const Stamp& now, ExchangeSink& sink);
  void parse(const Stamp& now, ExchangeSink& sink);
  void bind(const Stamp& now, ExchangeSink& sink);
  void execute(const Stamp& now, ExchangeSink& sink);
  void close_name(ExchangeSink& sink);
  bool resume(std::string_view name, const StatementPtr& statement);
  void keep(const Item& item);
  void end_prepared(ExchangeSink& sink);
  void apply(const Statement* statement);
  sql::Backslash backslash() const;
  void prepare_ends(const Stamp& now, ExchangeSink& sink);
  void sync(const Stamp& now, ExchangeSink& sink);
  Item* open(Kind kind, const Unit& unit, const Stamp& now, ExchangeSink& sink);

  // response.cpp: what the backend's messages end
  ParseStatus response(const Stamp& now, ExchangeSink& sink);
  ParseStatus negotiated(char answer, ExchangeSink& sink);
  Item* current();
  Item* answered(ExchangeSink& sink);
  void described(const Stamp& now, ExchangeSink& sink);
  void parse_complete(const Stamp& now, ExchangeSink& sink);
  void bind_complete(ExchangeSink& sink);
  void copy_in(ExchangeSink& sink);
  ParseStatus copy_both(const Stamp& now, ExchangeSink& sink);
  void command_complete(const Stamp& now, ExchangeSink& sink);
  void compare(Item* item, std::string_view tag);
  void distrust();
  void setting();
  void error(const Stamp& now, ExchangeSink& sink);
  void fail(Item& item, std::string_view fields);
  void ready(const Stamp& now, char state, ExchangeSink& sink);
  bool stays(const Item& item);
  void overlaps();
  void lose_batch(ExchangeSink& sink);
  // The Sync of the batch that is ready now was not seen.
  bool sync_missed() const { return asked_ == ready_; }
  void settle(Item& item, const Stamp& now, ExchangeSink& sink);
  bool has_successor(const Item& item);
  void end_front(ExchangeSink& sink);
  void abandon_front(ExchangeSink& sink);

  // drift.cpp: responses with missing messages
  bool may_skip();
  void skip_to_newest(ExchangeSink& sink);
  void end_unseen_item(Item& item, ExchangeSink& sink);
  bool may_drift();
  void drift_begins();
  Progress drift(const Chunk& chunk, ExchangeSink& sink);
  void drift_ends(ExchangeSink& sink);
  void drift_closes();
  void decide(const Ending& ending, const Stamp& now);

  Side side_;
  MessageReader request_{Direction::kRequest};
  MessageReader response_{Direction::kResponse};
  Start start_;  // of the request message being read
  std::optional<Unit> unit_;
  std::optional<Prepared> prepared_;
  PreparedStatements statements_;
  Names portals_{kMaxPortals};
  Fifo<Item> pending_{kMaxPending};
  std::optional<uint32_t> refused_;   // the newest batch with exchanges beyond kMaxPending
  std::optional<uint32_t> executed_;  // the newest batch that had an Execute
  uint32_t asked_ = 0;                // batches whose end was asked for: numbers the next one
  uint32_t ready_ = 0;                // batches that ended
  uint32_t direction_changes_ = 0;    // by the client
  sql::Backslash backslash_ = sql::Backslash::kUnknown;  // in texts sent once all is answered
  std::string tail_;                                     // adrift: the newest bytes
  Stamp last_response_;
  bool started_ = false;      // no startup packet can come any more
  bool negotiating_ = false;  // the response is one byte, to a request for encryption
  bool copy_in_ = false;      // the requests are a copy's data
  bool aborted_ = false;      // the rest of batch ready_ is dropped
  bool adrift_ = false;       // within a result with missing messages
  bool skipped_ = false;      // a hole ended before the newest response, or within it
  bool pipelined_ = false;    // the client sends again before it is answered
};

}  // namespace weft::protocol::postgresql

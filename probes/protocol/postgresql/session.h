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
//   Parse, not followed by its own   one, "PREPARE"                  the last answer to it
//     Bind before Flush, Sync or
//     the next Parse
//   Bind, Describe, Close, Flush,    none
//     Sync on their own; start-up
//
// What is asked up to a Sync is a batch; a Query and a FunctionCall end one as well. The last
// exchange of a batch ends at ReadyForQuery, because the server commits before that; what
// fails there is its failure. After an error the server drops the rest of the batch: those
// exchanges end at ReadyForQuery with error "pipeline_aborted" (libpq's word for it).
//
// COPY is part of the exchange that began it. At a copy in both directions (replication) it
// ends, and the connection becomes opaque; so it does when TLS or GSS is agreed upon.
//
// What becomes of an exchange when something was missed, or the connection ends:
//
//   hole in a body                   none: the message's size is known; a text is told as far
//                                    as it was seen
//   hole over a result's messages    the result lasts until a ReadyForQuery that ends what is
//                                    shown, or until the client goes on; an error within the
//                                    hole is not seen. Several open exchanges: abandoned
//   other hole in the answers        abandoned
//   hole in the requests behind a    told if the answers show an execution; the names of
//     Parse or Bind                  statements are forgotten unless the hole is too small
//   connection closed, process gone  agent/exchange/failure.h; an error that the server gave
//                                    wins
//
// Never a wrong pair: a hole where an answer may have begun abandons all that is open, and
// the next answer believed is the one to the client's next turn. A connection whose client
// has gone on before it was answered is given up at such a hole.
#pragma once

#include <optional>
#include <string>

#include "agent/exchange/fifo.h"
#include "agent/port/protocol.h"
#include "probes/protocol/postgresql/frame.h"
#include "probes/protocol/postgresql/semantics.h"
#include "probes/protocol/postgresql/statements.h"

namespace weft::protocol::postgresql {

class PostgresqlSession final : public Session {
 public:
  explicit PostgresqlSession(const SessionOptions& options) : side_(options) {}

  Progress on_bytes(Direction direction, const Chunk& chunk, ExchangeSink& sink) override;
  Progress on_gap(Direction direction, uint64_t n, const Stamp& stamp, ExchangeSink& sink) override;
  void on_close(Direction direction, CloseReason reason, uint64_t time,
                ExchangeSink& sink) override;
  bool starts_message(Direction direction, std::string_view bytes) const override;
  uint32_t wanted_head() const override { return wanted_head_; }

 private:
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
  };
  struct Item {
    ExchangeHandle handle = 0;
    Kind kind = Kind::kQuery;
    uint32_t batch = 0;
    uint64_t xid = 0;        // of the request's newest bytes
    uint64_t end = 0;        // once done
    bool done = false;       // answered; waits for the batch's end, or the next one's answer
    bool answering = false;  // some of the answer was seen
    bool uncertain = false;  // whether it is executed only the answers tell
    bool parsed = false;
    bool copying = false;
    Fifo<Item>::Ticket ticket = 0;
    Facts facts;
  };

  // session.cpp
  Progress requests(const Chunk& chunk, ExchangeSink& sink);
  Progress responses(const Chunk& chunk, ExchangeSink& sink);
  void turn(Direction direction, const Stamp& stamp, ExchangeSink& sink);
  Progress request_gap(uint64_t n, const Stamp& stamp, ExchangeSink& sink);
  Progress response_gap(uint64_t n, const Stamp& stamp, ExchangeSink& sink);
  Verdict lose_requests(uint64_t missed, const Stamp& stamp, ExchangeSink& sink);
  Verdict lose_responses(ExchangeSink& sink);
  Verdict give_up(Verdict verdict, ExchangeSink& sink);
  void close_front(CloseReason reason, uint64_t time, ExchangeSink& sink);

  // request.cpp: what the frontend's messages begin
  Verdict request(const Stamp& now, ExchangeSink& sink);
  Verdict startup(const Stamp& now, ExchangeSink& sink);
  void query(const Stamp& now, ExchangeSink& sink);
  void parse(const Stamp& now, ExchangeSink& sink);
  void bind(const Stamp& now, ExchangeSink& sink);
  void execute(const Stamp& now, ExchangeSink& sink);
  void close_name();
  void prepare_ends(const Stamp& now, ExchangeSink& sink);
  void sync(const Stamp& now, ExchangeSink& sink);
  Item* open(Kind kind, const Unit& unit, const Stamp& now, ExchangeSink& sink);

  // response.cpp: what the backend's messages end
  Verdict response(const Stamp& now, ExchangeSink& sink);
  Verdict negotiated(char answer, ExchangeSink& sink);
  Item* current();
  Item* answered(ExchangeSink& sink);
  void described(const Stamp& now, ExchangeSink& sink);
  void parse_complete(const Stamp& now, ExchangeSink& sink);
  void copy_in(ExchangeSink& sink);
  Verdict copy_both(const Stamp& now, ExchangeSink& sink);
  void command_complete(const Stamp& now, ExchangeSink& sink);
  void error(const Stamp& now, ExchangeSink& sink);
  void ready(const Stamp& now, ExchangeSink& sink);
  void settle(Item& item, const Stamp& now, ExchangeSink& sink);
  bool has_successor(const Item& item);
  void tell_front(ExchangeSink& sink);
  void abandon_front(ExchangeSink& sink);
  bool may_drift();
  Progress drift(const Chunk& chunk, ExchangeSink& sink);
  void drift_ends(ExchangeSink& sink);

  Side side_;
  MessageReader request_{Direction::kRequest};
  MessageReader response_{Direction::kResponse};
  Start start_;  // of the request message being read
  std::optional<Unit> unit_;
  PreparedStatements statements_;
  Names portals_{kMaxPortals};
  Fifo<Item> pending_{kMaxPending};
  std::optional<uint32_t> refused_;  // the newest batch that had such
  uint32_t asked_ = 0;               // batches whose end was asked for: numbers the next one
  uint32_t ready_ = 0;               // batches that ended
  uint32_t wanted_head_ = 0;
  Stamp last_response_;
  Direction last_ = Direction::kResponse;  // of the newest bytes
  std::optional<Verdict> over_;            // said from now on
  bool started_ = false;                   // no startup packet can come any more
  bool negotiating_ = false;               // one byte answers a request for encryption
  bool copy_in_ = false;                   // the requests are a copy's data
  bool aborted_ = false;                   // the rest of batch ready_ is dropped
  bool adrift_ = false;                    // within a result, its messages were missed
  bool pipelined_ = false;                 // the client goes on before it is answered
  bool request_closed_ = false;
  bool response_closed_ = false;
};

}  // namespace weft::protocol::postgresql

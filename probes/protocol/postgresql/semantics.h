// SPDX-License-Identifier: Apache-2.0
// From messages to span data by the database conventions 1.44.0 ("Database client spans",
// "SQL databases", "PostgreSQL"); the same for both roles. The builder adds the addresses.
//
//   db.system.name           postgresql
//   db.namespace             the startup packet's database; absent when joined late
//   db.query.text, .summary  literals removed; absent when the statement is not known
//   db.operation.name        PREPARE: a Parse that is an exchange of its own; else, for an
//                            unknown statement, the words of its command tag
//   db.response.status_code  SQLSTATE of the (first) error; error from class 02 on
//   error.type               that SQLSTATE; _OTHER when its field was not seen
//
//   name   summary, else operation and target, else target, else "postgresql"
//   target database, else the server's "address:port" (client side)
//
// If a statement was parsed in a round trip of its own, the event db.prepare has the time of
// that. The summary of a prepare is PREPARE and its statement's summary, as for SQL's own PREPARE.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "agent/base/trace_context.h"
#include "agent/port/protocol.h"
#include "probes/protocol/postgresql/statements.h"

namespace weft::protocol::postgresql {

// The parts of the session options, and of the startup packet, that are used.
struct Side {
  explicit Side(const SessionOptions& options);

  Role role;
  std::string server;  // client side: "address:port", may be empty
  std::string database;
};

// One exchange's facts.
struct Facts {
  StatementPtr statement;  // null: not known
  std::string operation;   // usually empty
  std::string sqlstate;    // of the first error; fits without allocation
  std::string_view error;  // any other error.type; a literal
  uint64_t prepared = 0;   // when it was parsed, if in a round trip of its own
  bool unseen = false;     // it is not known whether it failed

  bool failed() const { return !sqlstate.empty() || !error.empty(); }
};

Outcome make_outcome(const Facts& facts, const Side& side, uint64_t end_time);

// The database that a startup packet ("StartupMessage") asks for, by default its user's name.
// Empty for a physical replication connection, or if the packet is malformed.
std::string startup_database(std::string_view parameters);
bool is_sqlstate(std::string_view code);
// Field C of ErrorResponse; none if it is not within `fields`.
std::optional<std::string_view> error_code(std::string_view fields);
// "INSERT 0 1" → "INSERT"; empty unless it begins with capital words.
std::string_view tag_operation(std::string_view tag);
// The trace context of a comment at the text's end or beginning, as SQLCommenter writes it:
// /*key='value',traceparent='00-…-01'*/.
std::optional<TraceContext> comment_context(std::string_view text);
// The same as a comment by itself, without tracestate; empty if there is none.
std::string context_comment(std::string_view text);

}  // namespace weft::protocol::postgresql

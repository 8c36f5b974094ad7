// SPDX-License-Identifier: Apache-2.0
// Span data by the semantic conventions 1.44.0 for Redis, the same for both roles.
//
//   name                      the operation; "redis" if it is not known
//   db.system.name            redis
//   db.operation.name         the command in upper case, without its subcommand. Absent for a
//                             command that the server does not know: clients could invent names
//   db.query.text             statement.h
//   db.namespace              database index, once a SELECT was answered
//   db.stored_procedure.name  EVALSHA's digest, FCALL's function
//   db.response.status_code   prefix of the error: ERR, WRONGTYPE, MOVED
//   error.type                the same; _OTHER for an error without a prefix
//
// MULTI … EXEC: one span per command, as on the wire. A queued command's span ends with its
// +QUEUED; EXEC's span is the execution, and has the first error within its array.
#pragma once

#include <string>
#include <string_view>

#include "agent/port/exchange.h"
#include "probes/protocol/redis/command.h"
#include "probes/protocol/redis/resp.h"

namespace weft::protocol::redis {

// A command whose reply is not complete.
struct Pending {
  ExchangeHandle handle = 0;
  uint64_t exchange_id = 0;          // of its last byte
  const Command* command = nullptr;  // null: not in the table
  uint32_t confirmations = 0;        // of subscriptions, to come; 0: until none is left
  std::string text;                  // db.query.text; empty: its name is unknown

  Special special() const { return command ? command->special : Special::kNone; }
  std::string_view name() const { return std::string_view(text).substr(0, text.find(' ')); }
};

// The outcome from the request alone; moves its text out. `database` may be empty: unknown.
Outcome describe(Pending& request, std::string_view database);
// Adds the reply's part. `special`: the request's.
void add_reply(Outcome& outcome, const Reply& reply, Special special);
// Sets status Error; does nothing for an empty error_type.
void set_error(Outcome& outcome, std::string_view error_type);

}  // namespace weft::protocol::redis

// SPDX-License-Identifier: Apache-2.0
// Span data by the semantic conventions 1.44.0 for Redis, the same for both roles.
//
//   name                      the operation; "redis" when that is not known
//   db.system.name            redis
//   db.operation.name         the command in upper case, without its subcommand. Absent for
//                             one the server does not know: clients could invent names
//   db.query.text             statement.h
//   db.namespace              database index, once a SELECT was answered
//   db.stored_procedure.name  EVALSHA's digest, FCALL's function
//   db.response.status_code   prefix of the error: ERR, WRONGTYPE, MOVED
//   error.type                the same; _OTHER for an error without a prefix
//
// MULTI … EXEC: one span per command, as the wire shows. A queued command's ends with its
// +QUEUED; EXEC's is the one that executes, and the first error within its array is its.
#pragma once

#include <string>
#include <string_view>

#include "agent/port/exchange.h"
#include "probes/protocol/redis/command.h"
#include "probes/protocol/redis/resp.h"

namespace weft::protocol::redis {

// A command whose answer is not complete.
struct Pending {
  ExchangeHandle handle = 0;
  uint64_t exchange_id = 0;          // of its last byte
  const Command* command = nullptr;  // null: not in the table
  uint32_t confirmations = 0;        // of subscriptions, to come; 0: until none is left
  std::string text;                  // db.query.text; empty: its name cannot be told

  Special special() const { return command ? command->special : Special::kNone; }
  std::string_view name() const { return std::string_view(text).substr(0, text.find(' ')); }
};

// What the request alone tells; takes its text. `database` may be empty: not known.
Outcome describe(Pending& request, std::string_view database);
// Adds what its answer tells. `special`: the request's.
void add_reply(Outcome& outcome, const Reply& reply, Special special);
// Status Error; an empty error_type is none.
void set_error(Outcome& outcome, std::string_view error_type);

}  // namespace weft::protocol::redis

// SPDX-License-Identifier: Apache-2.0
// Span data of one memcached command, by the OpenTelemetry semantic conventions 1.44.0 (database).
//
//   what                       attribute                 value
//   name                       span name                 "set"; "memcached" of one not known
//   always                     db.system.name            memcached
//   known command              db.operation.name         as sent: "gets", "ms"
//   known command              db.query.text             its line, values hidden (statement.h)
//   ERROR, CLIENT_ERROR,       db.response.status_code   that word
//     SERVER_ERROR             error.type                the same; status Error
//   other ends                 error.type                agent/exchange/failure.h
//
// A miss (END, EN, NOT_FOUND, NF) and a refusal of a condition (NOT_STORED, NS, EXISTS, EX) are
// answers, not errors. A get of many keys is one operation, not a batch: the convention says so of
// MGET. There is no namespace, so the name has no target.
#pragma once

#include <string>
#include <string_view>

#include "agent/port/exchange.h"
#include "probes/protocol/memcached/pending.h"

namespace weft::protocol::memcached {

// Takes the command's text. code: the word of an error answer; empty: none.
Outcome describe(Pending& command, uint64_t time, std::string_view code);
// Status Error; an empty error_type is none.
void set_error(Outcome& outcome, std::string_view error_type);

}  // namespace weft::protocol::memcached

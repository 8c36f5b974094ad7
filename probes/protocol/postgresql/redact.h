// SPDX-License-Identifier: Apache-2.0
// Redacts one record's payload for a recording (Protocol::redact). Of statement text there stays
// what a span would show and its traceparent; of errors severity and code, of startup packets
// user and database, of the rest the framing and the names of statements and portals. Rows,
// parameters, passwords, keys and copied data are overwritten with "x".
//
// Each record is read by itself. One that begins within a message is overwritten up to the
// first position from which whole messages follow one another to its end, except for the rest
// of a header.
#pragma once

#include <span>

namespace weft::protocol::postgresql {

void redact(std::span<char> payload);

}  // namespace weft::protocol::postgresql

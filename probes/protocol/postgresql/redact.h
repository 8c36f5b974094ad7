// SPDX-License-Identifier: Apache-2.0
// Makes one record's payload fit for a recording (Protocol::redact). Statement text keeps
// what a span would show of it and its traceparent; of errors severity and code stay, of
// startup packets user and database, of the rest the framing and the names of statements
// and portals. Rows, parameters, passwords, keys and copied data are overwritten with "x".
//
// Each record is read by itself. One that begins within a message is overwritten up to the
// first place from which whole messages follow one another to its end, but for what is left
// of a header.
#pragma once

#include <span>

namespace weft::protocol::postgresql {

void redact(std::span<char> payload);

}  // namespace weft::protocol::postgresql

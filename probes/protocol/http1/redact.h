// SPDX-License-Identifier: Apache-2.0
// Redacts one record's payload for a recording (Protocol::redact). Overwritten with "x" are
// bodies, values of the query and of parameters in the path, credentials, reason phrases and
// the values of all fields except those that parsing needs; the path, line ends and chunk sizes
// stay. Each record is read by itself: if it begins within a head, only lines that begin in it
// are kept, and a body that consists of digits looks like a chunk's size.
#pragma once

#include <span>

namespace weft::protocol::http1 {

void redact(std::span<char> payload);

}  // namespace weft::protocol::http1

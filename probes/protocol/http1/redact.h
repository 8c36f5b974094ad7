// SPDX-License-Identifier: Apache-2.0
// Makes one record's payload fit for a recording (Protocol::redact): bodies, values of the
// query and of parameters in the path, credentials, reason phrases and the values of all
// fields but those an exchange is made of are overwritten with "x"; the path, line ends and
// chunk sizes stay. Each record is read by itself: of a record that begins within a head, only
// lines that begin in it are kept, and a body of digits alone looks like a chunk's size.
#pragma once

#include <span>

namespace weft::protocol::http1 {

void redact(std::span<char> payload);

}  // namespace weft::protocol::http1

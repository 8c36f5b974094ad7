// SPDX-License-Identifier: Apache-2.0
// Redacts one record's payload for a recording (Protocol::redact): the content of bulks,
// statuses, errors and numbers is overwritten, framing stays. Names of commands, words of the
// protocol, numbers of databases and prefixes of errors are kept. Each record is read by itself: if
// it begins within a bulk, it is overwritten up to the first line that looks like framing.
#pragma once

#include <span>

namespace weft::protocol::redis {

void redact(std::span<char> payload);

}  // namespace weft::protocol::redis
